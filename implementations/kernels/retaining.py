"""Retain readings in a ring of three columns: block by block, each block in one piece.

The ring has room for more than it must retain, so that a block that does not fit before the end starts the next lap
instead of being split. Whole vectors are written past the caches where the ring is larger than they
are: what is written once and read much later should not push out the sensors' records.
"""

import numpy as np
from numba import njit

from implementations.kernels.memory import prefetch, read_f32, read_i64, read_u32, write_f32, write_i64, write_u32
from implementations.kernels.vectors import (
    LANES,
    compress,
    first_half_i64,
    first_half_mask,
    held,
    iota,
    load_f32,
    load_i64,
    load_some_f32,
    load_some_i64,
    load_some_u32,
    load_u32,
    second_half_i64,
    second_half_mask,
    splat,
    store,
    store_some,
    stream,
)


@njit(inline="always")
def copy_vector(ids, times, values, i, to_ids, to_times, to_values, k):  # type: ignore[no-untyped-def]
    """Copy sixteen readings from place `i` to place `k` of other columns."""
    store(to_ids + 4 * k, load_u32(ids + 4 * i))
    store(to_times + 8 * k, load_i64(times + 8 * i))
    store(to_values + 4 * k, load_f32(values + 4 * i))


@njit(inline="always")
def stream_vector(ids, times, values, i, to_ids, to_times, to_values, k):  # type: ignore[no-untyped-def]
    """Copy sixteen readings past the caches; `k` is a multiple of sixteen."""
    stream(to_ids + 4 * k, load_u32(ids + 4 * i))
    stream(to_times + 8 * k, load_i64(times + 8 * i))
    stream(to_values + 4 * k, load_f32(values + 4 * i))


@njit
def copy_some(ids, times, values, i, to_ids, to_times, to_values, k, count):  # type: ignore[no-untyped-def]
    """Copy at most sixteen readings; read and write no others."""
    if count <= 0:
        return
    some = iota() < splat(np.uint32(count))
    store_some(to_ids + 4 * k, load_some_u32(ids + 4 * i, some), some)
    store_some(to_times + 8 * k, load_some_i64(times + 8 * i, some), some)
    store_some(to_values + 4 * k, load_some_f32(values + 4 * i, some), some)


@njit(inline="always")
def reserve(plan, count):  # type: ignore[no-untyped-def]
    """Where the next `count` readings go, in one piece."""
    if plan.position + count > plan.ring_capacity:
        plan.lap_end = plan.position
        plan.position = 0
    place = plan.position
    plan.position = place + count
    plan.accepted += count
    return place


@njit(inline="always")
def fetch_end(plan, end):  # type: ignore[no-untyped-def]
    """Ask for the ring's line that will be written in part, if `end` lies within one: no store then waits for it."""
    if end & (LANES - 1) != 0:
        prefetch(plan.ring_ids + 4 * end)
        prefetch(plan.ring_values + 4 * end)
        prefetch(plan.ring_times + 8 * end)
        prefetch(plan.ring_times + 8 * (end & ~7) - 8)


@njit(inline="always")
def give_back(plan, count, place):  # type: ignore[no-untyped-def]
    """Undo `reserve`, which gave `place`."""
    plan.position = place
    plan.accepted -= count


@njit
def fill_ends(plan, ids, times, values, count, place):  # type: ignore[no-untyped-def]
    """Write of `count` readings for `place` those before the first whole line of the ring and behind the last."""
    to_ids, to_times, to_values = plan.ring_ids, plan.ring_times, plan.ring_values
    first = min(count, -place & (LANES - 1))
    copy_some(ids, times, values, 0, to_ids, to_times, to_values, place, first)
    rest = (count - first) & (LANES - 1)
    i = count - rest
    copy_some(ids, times, values, i, to_ids, to_times, to_values, place + i, rest)


@njit
def append(plan, ids, times, values, count):  # type: ignore[no-untyped-def]
    """Retain `count` readings that lie one behind the other."""
    to_ids, to_times, to_values = plan.ring_ids, plan.ring_times, plan.ring_values
    place = reserve(plan, count)
    i = -place & (LANES - 1)
    while i + LANES <= count:
        if plan.past_caches != 0:
            stream_vector(ids, times, values, i, to_ids, to_times, to_values, place + i)
        else:
            copy_vector(ids, times, values, i, to_ids, to_times, to_values, place + i)
        i += LANES
    fill_ends(plan, ids, times, values, count, place)


@njit
def keep_accepted(ids, times, values, kept_ids, kept_times, kept_values, count):  # type: ignore[no-untyped-def]
    """Move the readings whose calibrated value is no NaN together; return how many. Writes up to a vector more."""
    kept = 0
    i = 0
    while i + LANES <= count:
        calibrated = load_f32(values + 4 * i)
        accepted = calibrated == calibrated
        store(kept_ids + 4 * kept, compress(accepted, load_u32(ids + 4 * i)))
        store(kept_values + 4 * kept, compress(accepted, calibrated))
        time = load_i64(times + 8 * i)
        first = first_half_mask(accepted)
        store(kept_times + 8 * kept, compress(first, first_half_i64(time)))
        second = second_half_mask(accepted)
        store(kept_times + 8 * (kept + held(first)), compress(second, second_half_i64(time)))
        kept += held(accepted)
        i += LANES
    while i < count:
        calibrated_one = read_f32(values + 4 * i)
        write_u32(kept_ids + 4 * kept, read_u32(ids + 4 * i))
        write_i64(kept_times + 8 * kept, read_i64(times + 8 * i))
        write_f32(kept_values + 4 * kept, calibrated_one)
        kept += 1 if calibrated_one == calibrated_one else 0
        i += 1
    return kept


@njit
def close_gap(plan, source, target, count):  # type: ignore[no-untyped-def]
    """Move `count` entries of the ring from `source` to `target`, which lies before it; they may overlap."""
    ids, times, values = plan.ring_ids, plan.ring_times, plan.ring_values
    i = 0
    while i + LANES <= count:
        copy_vector(ids, times, values, source + i, ids, times, values, target + i)
        i += LANES
    copy_some(ids, times, values, source + i, ids, times, values, target + i, count - i)
