"""The whole job in one compiled call, block by block: what one step leaves, the next finds in the first cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import boolean, from_dtype, njit, void

from implementations.kernels.closing import hand_out_rows
from implementations.kernels.columns import COLUMN
from implementations.kernels.interpreter_lock import let_go, take_back
from implementations.kernels.locating import (
    find_places,
    hashed_places,
    is_short_hash,
    reject_words,
    settle,
    short_hash,
)
from implementations.kernels.memory import (
    fetch,
    prefetch,
    read_f32,
    read_i64,
    read_u32,
    record_at,
    write_f32,
    write_i64,
    write_u32,
)
from implementations.kernels.partitions import hand_out_partitions, note
from implementations.kernels.plan import (
    GATHERED_IDS_AT,
    GATHERED_TIMES_AT,
    GATHERED_VALUES_AT,
    KEPT_IDS_AT,
    KEPT_TIMES_AT,
    KEPT_VALUES_AT,
    LEAST_BEHIND,
    PADDED_AT,
    PLACES_AT,
    PLAN_DTYPE,
    WORDS_AT,
)
from implementations.kernels.retaining import (
    append,
    fetch_end,
    fill_ends,
    give_back,
    keep_accepted,
    reserve,
    stream_vector,
)
from implementations.kernels.vectors import (
    LANES,
    choose,
    differ,
    held,
    iota,
    load_some_f32,
    load_some_u32,
    ones,
    splat,
    store,
    sum_of,
)
from implementations.kernels.window import accumulate_vector, sides, sum_and_count

_SHORT_READINGS = 4096
"""Readings that take some ten microseconds, a five-hundredth of what the interpreter lets a thread run for."""


@njit(inline="always")
def _fetch_columns(ids, times, values):  # type: ignore[no-untyped-def]
    prefetch(ids)
    prefetch(values)
    prefetch(times)
    prefetch(times + 64)


@njit
def _settle_rest(plan, ids, values, words, output, count):  # type: ignore[no-untyped-def]
    """Settle fewer readings than a vector has lanes, padded with others that are rejected and not counted."""
    rest_ids = plan.scratch + PADDED_AT * plan.pitch
    rest_values = rest_ids + 4 * LANES
    there = iota() < splat(np.uint32(count if plan.sensors > 0 else 0))
    store(rest_ids, load_some_u32(ids, there))
    store(rest_values, load_some_f32(values, there))
    find_places(plan, rest_ids, words, np.int64(LANES))
    matched, accepted = settle(plan.table, rest_ids, rest_values, words, there, reject_words(plan), output)
    return held(matched), held(accepted)


def _pass_over(*, near: bool, hashes: bool = False) -> Any:
    """Make the loop of `settle_and_add`: for any records, or for those `near` that are added to at once.

    What near records do without, their loop is compiled without: each step less lets the processor look further ahead.
    One that also `hashes` looks for the places of a vector while it settles the next but one before.
    """

    @njit
    def settle_and_add(plan, ids, times, values, output, count, place):  # type: ignore[no-untyped-def]
        words = plan.scratch + WORDS_AT * plan.pitch
        whole = count & ~(LANES - 1)
        find_places(plan, ids, words, min(whole, np.int64(LEAST_BEHIND)) if hashes else whole)
        known, hash_end = short_hash(plan), whole - LEAST_BEHIND
        adds = True if near else plan.partitions == 0
        behind = np.int64(LEAST_BEHIND) if near else plan.behind
        ahead = np.int64(0) if near else plan.ahead
        table, records, stamp = plan.table, plan.records, np.uint32(plan.stamp)
        extremes, sums, rejects = sides(), sum_and_count(), reject_words(plan)
        everyone = iota() < splat(np.uint32(LANES if plan.sensors > 0 else 0))
        one = ones()
        to_ids, to_times, to_values = plan.ring_ids, plan.ring_times, plan.ring_values
        line = (-place & (LANES - 1)) - LANES
        never = count + LANES

        def settle_next(i, matches, acceptances, lines_begin):  # type: ignore[no-untyped-def]
            _fetch_columns(ids + 4 * (i + count), times + 8 * (i + count), values + 4 * (i + count))
            if hashes and i < hash_end:
                k = i + LEAST_BEHIND
                store(words + 4 * k, hashed_places(ids + 4 * k, known))
            if ahead > 0 and i + ahead < whole:
                fetch(table, words + 4 * (i + ahead))
            matched, accepted = settle(
                table, ids + 4 * i, values + 4 * i, words + 4 * i, everyone, rejects, output + 4 * i
            )
            if behind > LEAST_BEHIND:
                fetch(records, words + 4 * i)
            matches = choose(matched, matches + one, matches)
            acceptances = choose(accepted, acceptances + one, acceptances)
            return matches, acceptances, never if differ(accepted, everyone) else lines_begin

        matched_count = accepted_count = np.int64(0)
        if whole < count:
            matched_rest, accepted_rest = _settle_rest(
                plan, ids + 4 * whole, values + 4 * whole, words + 4 * whole, output + 4 * whole, count - whole
            )
            matched_count += matched_rest
            accepted_count += accepted_rest
        for i in range(0, min(ahead, whole), LANES):
            fetch(table, words + 4 * i)
        matches = acceptances = splat(np.uint32(0))
        lines_begin = -line if place >= 0 else never
        first = min(behind, whole) if adds else whole
        for i in range(0, first, LANES):
            matches, acceptances, lines_begin = settle_next(i, matches, acceptances, lines_begin)  # type: ignore[no-untyped-call]
        for i in range(first, whole, LANES):
            matches, acceptances, lines_begin = settle_next(i, matches, acceptances, lines_begin)  # type: ignore[no-untyped-call]
            j = i - behind
            accumulate_vector(records, words + 4 * j, output + 4 * j, stamp, extremes, sums)
            if j >= lines_begin:
                k = j + line
                stream_vector(ids, times, output, k, to_ids, to_times, to_values, place + k)
        matched_count += sum_of(matches)
        accepted_count += sum_of(acceptances)
        if adds:
            begin = max(0, whole - behind)
            for j in range(begin, count, LANES):
                accumulate_vector(records, words + 4 * j, output + 4 * j, stamp, extremes, sums)
            if lines_begin < never:
                for k in range(begin + line + (0 if begin >= lines_begin else LANES), count - LANES + 1, LANES):
                    stream_vector(ids, times, output, k, to_ids, to_times, to_values, place + k)
        plan.unmatched += count - matched_count
        plan.invalid += matched_count - accepted_count
        return accepted_count

    return settle_and_add


_far_pass, _near_pass, _hashing_pass = _pass_over(near=False), _pass_over(near=True), _pass_over(near=True, hashes=True)


@njit
def settle_and_add(plan, ids, times, values, output, count, place):  # type: ignore[no-untyped-def]
    """Match, check and calibrate up to a block of readings, add them to their records; return how many are accepted.

    A vector is added `behind` the one that is settled, when what was stored of it is there to be loaded and its
    records have come. Behind that, what was added goes to the ring at `place`: whole lines past the caches, up to the
    first vector with a rejected reading, and none where `place` is negative. With partitions, records stay as they
    are. A batch that is one block, longer than those of others, is hashed as it goes: shorter ones are as fast
    without, and faster where many readings are rejected.
    """
    if plan.ahead > 0 or plan.partitions > 0:
        return _far_pass(plan, ids, times, values, output, count, place)
    if count > plan.block and is_short_hash(plan):
        return _hashing_pass(plan, ids, times, values, output, count, place)
    return _near_pass(plan, ids, times, values, output, count, place)


@njit
def _gather_columns(sensor_id, time, value, strides, ids, times, values, count):  # type: ignore[no-untyped-def]
    """Copy a block of strided columns to contiguous ones."""
    for i in range(count):
        write_u32(ids + 4 * i, read_u32(sensor_id + strides[0] * i))
        write_i64(times + 8 * i, read_i64(time + strides[1] * i))
        write_f32(values + 4 * i, read_f32(value + strides[2] * i))


@njit
def take_block(plan, ids, times, values, output, count):  # type: ignore[no-untyped-def]
    """Do the job for up to a block of contiguous readings."""
    streams = plan.past_caches != 0 and plan.partitions == 0
    place = np.int64(-1)
    if streams:
        place = reserve(plan, count)
        fetch_end(plan, place + count)
    accepted = settle_and_add(plan, ids, times, values, output, count, place)
    pitch = plan.pitch
    if plan.partitions > 0:
        note(plan, plan.scratch + WORDS_AT * pitch, plan.scratch + PLACES_AT * pitch, output, count)
    if streams:
        if accepted == count:
            fill_ends(plan, ids, times, output, count, place)
            return
        give_back(plan, count, place)
    if plan.retain == 0:
        return
    if accepted == count:
        append(plan, ids, times, output, count)
    else:
        kept_ids = plan.scratch + KEPT_IDS_AT * pitch
        kept_values = plan.scratch + KEPT_VALUES_AT * pitch
        kept_times = plan.scratch + KEPT_TIMES_AT * pitch
        keep_accepted(ids, times, output, kept_ids, kept_times, kept_values, count)
        append(plan, kept_ids, kept_times, kept_values, accepted)


PLAN = from_dtype(PLAN_DTYPE)


@njit
def take(plan, ids, times, values, strides, count):  # type: ignore[no-untyped-def]
    """Do the job for `count` readings in columns of any stride, block by block."""
    contiguous = strides == (4, 8, 4)
    pitch = plan.pitch
    most = plan.whole if count <= plan.whole else plan.block
    for first in range(0, count, most):
        block = min(most, count - first)
        output = plan.output + 4 * first
        if contiguous:
            take_block(plan, ids + 4 * first, times + 8 * first, values + 4 * first, output, block)
        else:
            to_ids = plan.scratch + GATHERED_IDS_AT * pitch
            to_times = plan.scratch + GATHERED_TIMES_AT * pitch
            to_values = plan.scratch + GATHERED_VALUES_AT * pitch
            _gather_columns(
                ids + strides[0] * first,
                times + strides[1] * first,
                values + strides[2] * first,
                strides,
                to_ids,
                to_times,
                to_values,
                block,
            )
            take_block(plan, to_ids, to_times, to_values, output, block)


@njit([boolean(COLUMN, COLUMN, COLUMN, COLUMN)], cache=True)
def process(plans, sensor_id, time, value):  # type: ignore[no-untyped-def]
    """Do the job for a batch, contiguous or strided; the values go to the plan's output.

    If the output is one for batches of another length, nothing is done and False returned; else the length is the
    plan's, so that no address waits for the array's own, which may have to come from memory. Only a long batch lets
    go of the interpreter's lock: a short one is done before another thread would notice.
    """
    strides = (sensor_id.stride, time.stride, value.stride)
    plan = record_at(plans.address, PLAN)
    if sensor_id.length != plan.length:
        return False
    count = plan.length
    thread = let_go() if count > _SHORT_READINGS else np.int64(0)
    take(plan, sensor_id.address, time.address, value.address, strides, count)
    if thread != 0:
        take_back(thread)
    return True


@njit([void(COLUMN, COLUMN, COLUMN, COLUMN)], cache=True, nogil=True)
def close(plans, count, total, extremes):  # type: ignore[no-untyped-def]
    """Hand out the window (minimum, maximum and last in the rows of `extremes`) and open the next one."""
    plan = record_at(plans.address, PLAN)
    low = extremes.address
    high = low + extremes.stride
    last = high + extremes.stride
    if plan.partitions > 0:
        hand_out_partitions(plan, count.address, total.address, low, high, last)
    else:
        hand_out_rows(plan, 0, plan.sensors, count.address, total.address, low, high, last)
    plan.unmatched = 0
    plan.invalid = 0


def entry(compiled: Any) -> Callable[..., Any]:
    """A compiled loop without the dispatcher that looks at the types of the arguments first."""
    return next(iter(compiled.overloads.values())).entry_point  # type: ignore[no-any-return]
