"""From sensor ids and values to records and calibrated values: sixteen readings at a time, without a branch.

An entry of the lookup table holds all that is constant about a sensor (id, way to its record, gain, offset): one cache
line serves match and calibration. Where a reading's entry lies is the only thing in which the kinds of table differ;
whether it is the right one, its id tells. A rejected reading comes out as NaN and is sent to one of the reject records
behind all others, by its lane, so that neighbours do not wait for one another.
"""

import numpy as np
from numba import njit

from harness.contract import MAX_VALUE
from implementations.kernels.entries import entries_at
from implementations.kernels.memory import read_u32, write_u32
from implementations.kernels.perfect_hash import SHORT_SLOTS, TURN
from implementations.kernels.plan import WORD_BYTES, Kind
from implementations.kernels.shorts import gather_doubled, multiply_high_halves, multiply_pairs
from implementations.kernels.vectors import (
    LANES,
    choose,
    iota,
    load_f32,
    load_u32,
    magnitude,
    multiply_add,
    multiply_high,
    splat,
    store,
    turned_right,
)

_MAX_VALUE = np.float32(MAX_VALUE)
_NAN = np.float32(np.nan)
_ZERO = np.uint32(0)
_HASH_TURN = np.uint32(32 - TURN)
_DIRECT, _HASHED = int(Kind.DIRECT), int(Kind.HASHED)


@njit
def _places_direct(plan, ids, places, count):  # type: ignore[no-untyped-def]
    base = splat(np.uint32(-plan.base))
    span = splat(np.uint32(plan.span))
    words = splat(np.uint32(plan.entry_words))
    for at in range(0, 4 * count, 4 * LANES):
        place = load_u32(ids + at) + base
        store(places + at, choose(place < span, place, splat(_ZERO)) * words)


@njit
def _turn_ids(ids, turned, bits, count):  # type: ignore[no-untyped-def]
    for at in range(0, 4 * count, 4 * LANES):
        store(turned + at, turned_right(load_u32(ids + at), splat(np.uint32(bits))))


@njit(inline="always")
def _hashes_of(ids, seed, shift, halves):  # type: ignore[no-untyped-def]
    product = load_u32(ids) * seed
    return turned_right(multiply_pairs(product, gather_doubled(halves, product >> shift)), splat(_HASH_TURN))


@njit(inline="always")
def is_short_hash(plan):  # type: ignore[no-untyped-def]
    """Whether `hashed_places` finds the places of a plan."""
    return plan.kind == _HASHED and plan.turn == 0 and plan.span < SHORT_SLOTS


@njit(inline="always")
def short_hash(plan):  # type: ignore[no-untyped-def]
    """What `hashed_places` needs to know of a plan."""
    slots, to_words = splat(np.uint32(plan.span << 16)), splat(np.uint32(plan.half_to_words))
    return splat(np.uint32(plan.base)), splat(np.uint32(plan.shift)), plan.halves, slots, to_words


@njit(inline="always")
def hashed_places(ids, known):  # type: ignore[no-untyped-def]
    """Where the entries of sixteen readings lie in a short table, in words from the first."""
    seed, shift, halves, slots, to_words = known
    return multiply_high_halves(_hashes_of(ids, seed, shift, halves), slots) >> to_words


@njit
def _places_hashed(plan, ids, places, count):  # type: ignore[no-untyped-def]
    if plan.turn != 0:
        _turn_ids(ids, places, plan.turn, count)
        ids = places
    known = short_hash(plan)
    if plan.span < SHORT_SLOTS:
        for at in range(0, 4 * count, 4 * LANES):
            store(places + at, hashed_places(ids + at, known))
    else:
        seed, shift, halves, _, _ = known
        words = np.uint32(plan.span * plan.entry_words)
        whole_entries = splat(np.uint32(-plan.entry_words))
        for at in range(0, 4 * count, 4 * LANES):
            store(places + at, multiply_high(_hashes_of(ids + at, seed, shift, halves), words) & whole_entries)


@njit
def _places_sorted(plan, ids, places, count):  # type: ignore[no-untyped-def]
    """Halve the table without a branch; the steps depend on its length alone."""
    pitch_bytes = WORD_BYTES * plan.entry_words
    for at in range(0, 4 * count, 4):
        wanted = read_u32(ids + at)
        place = np.int64(0)
        left = plan.span
        while left > 1:
            half = left >> 1
            if read_u32(plan.table + pitch_bytes * (place + half)) <= wanted:
                place += half
            left -= half
        write_u32(places + at, np.uint32(place * plan.entry_words))


@njit
def find_places(plan, ids, places, count):  # type: ignore[no-untyped-def]
    """Leave in `places` where the entries of `count` readings, a multiple of the lanes, lie: words from the first."""
    if plan.kind == _HASHED:
        _places_hashed(plan, ids, places, count)
    elif plan.kind == _DIRECT:
        _places_direct(plan, ids, places, count)
    else:
        _places_sorted(plan, ids, places, count)


@njit(inline="always")
def reject_words(plan):  # type: ignore[no-untyped-def]
    """Where the records of rejected readings lie, one a lane."""
    return splat(np.uint32(plan.rejects)) + iota() * splat(np.uint32(plan.record_words))


@njit(inline="always")
def settle(table, ids, values, words, live, rejects, output):  # type: ignore[no-untyped-def]
    """Match, check and calibrate sixteen readings; return the masks of matched and of accepted ones.

    In `words`, where their entries lie, it leaves where their records do, and in `output` the calibrated values. Lanes
    outside `live` are rejected.
    """
    entry_id, record, gain, offset = entries_at(table, words)
    value = load_f32(values)
    matched = live & (entry_id == load_u32(ids))
    accepted = matched & (magnitude(value) <= splat(_MAX_VALUE))
    calibrated = multiply_add(value, gain, offset)
    store(words, choose(accepted, record, rejects))
    store(output, choose(accepted, calibrated, splat(_NAN)))
    return matched, accepted
