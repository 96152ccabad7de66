"""From sensor ids and values to rows: match and check sixteen readings at a time, without a branch.

Each loop takes whole vectors, writes a row a reading and returns how many are unmatched and how many invalid. A
rejected reading gets one of the reject rows behind the last sensor, by its lane, so that neighbours do not wait for
one another. Values are valid up to 2**64 in size; a NaN compares false.
"""

import numpy as np
from numba import njit

from harness.contract import MAX_VALUE
from implementations.kernels.memory import prefetch, read_u32, write_u32
from implementations.kernels.perfect_hash import MIX_FACTOR, ODD_FACTOR
from implementations.kernels.plan import Kind
from implementations.kernels.vectors import (
    LANES,
    choose,
    iota,
    load_f32,
    load_u32,
    lower_half,
    magnitude,
    multiply_high,
    ones,
    pick_i64,
    pick_u32,
    splat,
    store,
    total,
    upper_half,
)

_MAX_VALUE = np.float32(MAX_VALUE)
_ABSENT = np.uint32(0xFFFFFFFF)
_ZERO = np.uint32(0)
_CONSECUTIVE, _DIRECT, _HASHED = int(Kind.CONSECUTIVE), int(Kind.DIRECT), int(Kind.HASHED)
PAIR_BYTES = 8


@njit(inline="always")
def _settle(rows, matched, row, value, sensors):  # type: ignore[no-untyped-def]
    """Write the rows of one vector and return its masks of matched and of accepted readings."""
    accepted = matched & (magnitude(load_f32(value)) <= splat(_MAX_VALUE))
    store(rows, choose(accepted, row, splat(np.uint32(sensors)) + iota()))
    return accepted


@njit
def _locate_consecutive(plan, ids, values, rows, count):  # type: ignore[no-untyped-def]
    base = splat(np.uint32(-plan.base))
    span = splat(np.uint32(plan.span))
    matched_lanes = splat(_ZERO)
    accepted_lanes = splat(_ZERO)
    for at in range(0, 4 * count, 4 * LANES):
        row = load_u32(ids + at) + base
        matched = row < span
        accepted = _settle(rows + at, matched, row, values + at, plan.sensors)
        matched_lanes = matched_lanes + ones(matched)
        accepted_lanes = accepted_lanes + ones(accepted)
    return total(matched_lanes), total(accepted_lanes)


@njit
def _locate_direct(plan, ids, values, rows, count):  # type: ignore[no-untyped-def]
    base = splat(np.uint32(-plan.base))
    span = splat(np.uint32(plan.span))
    matched_lanes = splat(_ZERO)
    accepted_lanes = splat(_ZERO)
    for at in range(0, 4 * count, 4 * LANES):
        place = load_u32(ids + at) + base
        inside = place < span
        store(rows + at, choose(inside, place, splat(_ZERO)))
        row = pick_u32(plan.table, rows + at)
        matched = inside & (row != splat(_ABSENT))
        accepted = _settle(rows + at, matched, row, values + at, plan.sensors)
        matched_lanes = matched_lanes + ones(matched)
        accepted_lanes = accepted_lanes + ones(accepted)
    return total(matched_lanes), total(accepted_lanes)


@njit
def _locate_hashed(plan, ids, values, rows, mixed, places, count):  # type: ignore[no-untyped-def]
    seed = splat(np.uint32(plan.base))
    shift = splat(np.uint32(plan.shift))
    slots = np.uint32(plan.span)
    for at in range(0, 4 * count, 4 * LANES):
        spread = (load_u32(ids + at) ^ seed) * splat(np.uint32(ODD_FACTOR))
        spread = (spread ^ (spread >> splat(np.uint32(16)))) * splat(np.uint32(MIX_FACTOR))
        store(mixed + at, spread)
        store(places + at, spread >> shift)
    for at in range(0, 4 * count, 4 * LANES):
        factor = pick_u32(plan.factors, places + at)
        store(places + at, multiply_high(load_u32(mixed + at) * factor, slots))
    if plan.ahead > 0:
        for at in range(0, 4 * count, 4):
            prefetch(plan.table + PAIR_BYTES * np.int64(read_u32(places + at)))
    matched_lanes = splat(_ZERO)
    accepted_lanes = splat(_ZERO)
    for at in range(0, 4 * count, 4 * LANES):
        pair = pick_i64(plan.table, places + at)
        matched = lower_half(pair) == load_u32(ids + at)
        accepted = _settle(rows + at, matched, upper_half(pair), values + at, plan.sensors)
        matched_lanes = matched_lanes + ones(matched)
        accepted_lanes = accepted_lanes + ones(accepted)
    return total(matched_lanes), total(accepted_lanes)


@njit
def _locate_sorted(plan, ids, values, rows, places, count):  # type: ignore[no-untyped-def]
    """Halve the table without a branch; the steps depend on its length alone."""
    matched_lanes = splat(_ZERO)
    accepted_lanes = splat(_ZERO)
    for at in range(0, 4 * count, 4):
        wanted = read_u32(ids + at)
        place = np.int64(0)
        left = plan.span
        while left > 1:
            half = left >> 1
            if read_u32(plan.table + PAIR_BYTES * (place + half)) <= wanted:
                place += half
            left -= half
        write_u32(places + at, np.uint32(place))
    for at in range(0, 4 * count, 4 * LANES):
        pair = pick_i64(plan.table, places + at)
        matched = lower_half(pair) == load_u32(ids + at)
        accepted = _settle(rows + at, matched, upper_half(pair), values + at, plan.sensors)
        matched_lanes = matched_lanes + ones(matched)
        accepted_lanes = accepted_lanes + ones(accepted)
    return total(matched_lanes), total(accepted_lanes)


@njit
def locate(plan, ids, values, rows, mixed, places, count):  # type: ignore[no-untyped-def]
    """Rows of `count` readings, a multiple of the lanes; return how many are matched and how many accepted."""
    if plan.kind == _HASHED:
        return _locate_hashed(plan, ids, values, rows, mixed, places, count)
    if plan.kind == _DIRECT:
        return _locate_direct(plan, ids, values, rows, count)
    if plan.kind == _CONSECUTIVE:
        return _locate_consecutive(plan, ids, values, rows, count)
    return _locate_sorted(plan, ids, values, rows, places, count)
