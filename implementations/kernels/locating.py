"""From sensor ids and values to records and calibrated values: sixteen readings at a time, without a branch.

An entry of the lookup table holds all that is constant about a sensor (id, row, gain, offset): one cache line serves
match and calibration. Where a reading's entry lies is the only thing in which the kinds of table differ; whether it
is the right one, its id tells. A rejected reading comes out as NaN and is sent to one of the reject records behind
the last sensor's, by its lane, so that neighbours do not wait for one another.
"""

import numpy as np
from numba import njit

from harness.contract import MAX_VALUE
from implementations.kernels.entries import entries_at
from implementations.kernels.memory import prefetch, read_u32, write_u32
from implementations.kernels.perfect_hash import HALVES, MIX_FACTOR, ODD_FACTOR
from implementations.kernels.plan import ENTRY_BYTES, PADDED_AT, PLACES_AT, ROWS_AT, Kind
from implementations.kernels.vectors import (
    LANES,
    choose,
    gather_u16,
    iota,
    load_f32,
    load_some_f32,
    load_some_u32,
    load_u32,
    magnitude,
    multiply_add,
    multiply_high,
    ones,
    splat,
    store,
    total,
)

_MAX_VALUE = np.float32(MAX_VALUE)
_NAN = np.float32(np.nan)
_ZERO = np.uint32(0)
_HALF = np.uint32(16)
_DIRECT, _HASHED = int(Kind.DIRECT), int(Kind.HASHED)


@njit
def _places_direct(plan, ids, places, count):  # type: ignore[no-untyped-def]
    base = splat(np.uint32(-plan.base))
    span = splat(np.uint32(plan.span))
    for at in range(0, 4 * count, 4 * LANES):
        place = load_u32(ids + at) + base
        store(places + at, choose(place < span, place, splat(_ZERO)))


@njit
def _places_hashed(plan, ids, places, count):  # type: ignore[no-untyped-def]
    seed = splat(np.uint32(plan.base))
    shift = splat(np.uint32(plan.shift))
    slots = np.uint32(plan.span)
    for at in range(0, 4 * count, 4 * LANES):
        mixed = (load_u32(ids + at) ^ seed) * splat(np.uint32(ODD_FACTOR))
        mixed = (mixed ^ (mixed >> splat(_HALF))) * splat(np.uint32(MIX_FACTOR))
        factor = gather_u16(plan.halves, mixed >> shift) * splat(np.uint32(HALVES))
        store(places + at, multiply_high(mixed * factor, slots))


@njit
def _places_sorted(plan, ids, places, count):  # type: ignore[no-untyped-def]
    """Halve the table without a branch; the steps depend on its length alone."""
    for at in range(0, 4 * count, 4):
        wanted = read_u32(ids + at)
        place = np.int64(0)
        left = plan.span
        while left > 1:
            half = left >> 1
            if read_u32(plan.table + ENTRY_BYTES * (place + half)) <= wanted:
                place += half
            left -= half
        write_u32(places + at, np.uint32(place))


@njit
def _find_places(plan, ids, places, count):  # type: ignore[no-untyped-def]
    """Where the entries of `count` readings lie, a multiple of the lanes."""
    if plan.kind == _HASHED:
        _places_hashed(plan, ids, places, count)
    elif plan.kind == _DIRECT:
        _places_direct(plan, ids, places, count)
    else:
        _places_sorted(plan, ids, places, count)


@njit(inline="always")
def _fetch_entries(table, places):  # type: ignore[no-untyped-def]
    for lane in range(LANES):
        prefetch(table + ENTRY_BYTES * np.int64(read_u32(places + 4 * lane)))


@njit(inline="always")
def _settle(plan, ids, values, places, live, rows, output):  # type: ignore[no-untyped-def]
    """Match, check and calibrate one vector of readings; return the masks of matched and of accepted ones.

    Leaves their records, as words from the first, in `rows` and the calibrated values in `output`. Lanes outside
    `live` are rejected.
    """
    entry_id, entry_row, gain, offset = entries_at(plan.table, places)
    value = load_f32(values)
    matched = live & (entry_id == load_u32(ids))
    accepted = matched & (magnitude(value) <= splat(_MAX_VALUE))
    row = choose(accepted, entry_row, splat(np.uint32(plan.first_reject)) + iota())
    calibrated = multiply_add(value, gain, offset)
    calibrated = choose(accepted, calibrated, splat(_NAN))
    store(rows, row * splat(np.uint32(plan.record_words)))
    store(output, calibrated)
    return matched, accepted


@njit
def calibrate(plan, ids, values, output, count):  # type: ignore[no-untyped-def]
    """Leave rows and calibrated values of `count` readings, up to a block; return how many are accepted.

    An incomplete last vector is padded with readings that are rejected and not counted. Entries that are far are
    fetched while those of readings before them are settled.
    """
    pitch = plan.pitch
    rows = plan.scratch + ROWS_AT * pitch
    places = plan.scratch + PLACES_AT * pitch
    everyone = iota() < splat(np.uint32(LANES if plan.sensors > 0 else 0))
    matched_lanes = splat(_ZERO)
    accepted_lanes = splat(_ZERO)
    whole = count & ~(LANES - 1)
    _find_places(plan, ids, places, whole)
    table, ahead = plan.table, plan.ahead
    for i in range(0, min(ahead, whole), LANES):
        _fetch_entries(table, places + 4 * i)
    for i in range(0, whole, LANES):
        if ahead > 0 and i + ahead < whole:
            _fetch_entries(table, places + 4 * (i + ahead))
        matched, accepted = _settle(
            plan, ids + 4 * i, values + 4 * i, places + 4 * i, everyone, rows + 4 * i, output + 4 * i
        )
        matched_lanes = matched_lanes + ones(matched)
        accepted_lanes = accepted_lanes + ones(accepted)
    if whole < count:
        padded_ids = plan.scratch + PADDED_AT * pitch
        padded_values = padded_ids + 4 * LANES
        there = iota() < splat(np.uint32(count - whole))
        live = everyone & there
        store(padded_ids, load_some_u32(ids + 4 * whole, there))
        store(padded_values, load_some_f32(values + 4 * whole, there))
        places += 4 * whole
        _find_places(plan, padded_ids, places, np.int64(LANES))
        matched, accepted = _settle(plan, padded_ids, padded_values, places, live, rows + 4 * whole, output + 4 * whole)
        matched_lanes = matched_lanes + ones(matched)
        accepted_lanes = accepted_lanes + ones(accepted)
    all_matched, all_accepted = total(matched_lanes), total(accepted_lanes)
    plan.unmatched += count - all_matched
    plan.invalid += all_matched - all_accepted
    return all_accepted
