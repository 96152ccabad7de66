"""The whole job in one compiled call, block by block: what one step leaves, the next finds in the first cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import from_dtype, njit, void

from implementations.kernels.closing import hand_out
from implementations.kernels.columns import COLUMN
from implementations.kernels.locating import calibrate
from implementations.kernels.memory import (
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
    PLACES_AT,
    PLAN_DTYPE,
    ROWS_AT,
    WORD_BYTES,
)
from implementations.kernels.retaining import append, fill_ends, keep_accepted, reserve, stream_vector
from implementations.kernels.vectors import LANES
from implementations.kernels.window import accumulate


@njit(inline="always")
def _fetch(records, rows):  # type: ignore[no-untyped-def]
    for lane in range(LANES):
        prefetch(records + WORD_BYTES * np.int64(read_u32(rows + 4 * lane)))


@njit(inline="always")
def _accumulate_vector(records, rows, output, stamp):  # type: ignore[no-untyped-def]
    for lane in range(LANES):
        record = records + WORD_BYTES * np.int64(read_u32(rows + 4 * lane))
        accumulate(record, output + 4 * lane, stamp)


@njit
def aggregate(plan, ids, times, values, output, count, place):  # type: ignore[no-untyped-def]
    """Add what `calibrate` left of `count` readings to their sensors' records; stream them to the ring at `place`.

    Records that are far are fetched while those of readings before them are added to, the next block's columns while
    this one is in work, and what goes to memory past the caches goes vector by vector between the additions, so that
    nothing waits for memory. An incomplete last vector goes to the reject records. Of the ring whole lines are
    written, and none where `place` is negative.
    """
    pitch = plan.pitch
    records, ahead, stamp = plan.records, plan.ahead, np.uint32(plan.stamp)
    rows = plan.scratch + ROWS_AT * pitch
    to_ids = plan.ring_ids + 4 * place
    to_times = plan.ring_times + 8 * place
    to_values = plan.ring_values + 4 * place
    first = -place & (LANES - 1)
    end = count if place >= 0 else np.int64(0)
    for i in range(0, min(ahead, count), LANES):
        _fetch(records, rows + 4 * i)
    for i in range(0, count, LANES):
        prefetch(ids + 4 * (i + count))
        prefetch(values + 4 * (i + count))
        prefetch(times + 8 * (i + count))
        prefetch(times + 8 * (i + count) + 64)
        if ahead > 0 and i + ahead < count:
            _fetch(records, rows + 4 * (i + ahead))
        _accumulate_vector(records, rows + 4 * i, output + 4 * i, stamp)
        j = i + first
        if j + LANES <= end:
            stream_vector(
                ids + 4 * j, times + 8 * j, output + 4 * j, to_ids + 4 * j, to_times + 8 * j, to_values + 4 * j
            )


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
    accepted = calibrate(plan, ids, values, output, count)
    if plan.partitions > 0:
        pitch = plan.pitch
        note(plan, plan.scratch + ROWS_AT * pitch, plan.scratch + PLACES_AT * pitch, output, count)
    elif accepted == count and plan.past_caches != 0 and count >= LANES:
        place = reserve(plan, count)
        aggregate(plan, ids, times, values, output, count, place)
        fill_ends(plan, ids, times, output, count, place)
        return
    else:
        aggregate(plan, ids, times, values, output, count, np.int64(-1))
    if plan.retain == 0:
        return
    if accepted == count:
        append(plan, ids, times, output, count)
    else:
        pitch = plan.pitch
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
        block_ids = ids + strides[0] * first
        block_times = times + strides[1] * first
        block_values = values + strides[2] * first
        if not contiguous:
            to_ids = plan.scratch + GATHERED_IDS_AT * pitch
            to_times = plan.scratch + GATHERED_TIMES_AT * pitch
            to_values = plan.scratch + GATHERED_VALUES_AT * pitch
            _gather_columns(block_ids, block_times, block_values, strides, to_ids, to_times, to_values, block)
            block_ids, block_times, block_values = to_ids, to_times, to_values
        take_block(plan, block_ids, block_times, block_values, plan.output + 4 * first, block)


@njit([void(COLUMN, COLUMN, COLUMN, COLUMN)], cache=True, nogil=True)
def process(plans, sensor_id, time, value):  # type: ignore[no-untyped-def]
    """Do the job for a batch, contiguous or strided; the values go to the plan's output."""
    strides = (sensor_id.stride, time.stride, value.stride)
    plan = record_at(plans.address, PLAN)
    take(plan, sensor_id.address, time.address, value.address, strides, sensor_id.length)


@njit([void(COLUMN, COLUMN, COLUMN, COLUMN)], cache=True, nogil=True)
def close(plans, count, total, extremes):  # type: ignore[no-untyped-def]
    """Hand out the window (minimum, maximum and last in the rows of `extremes`) and open the next one."""
    plan = record_at(plans.address, PLAN)
    pitch_bytes = WORD_BYTES * plan.record_words
    low = extremes.address
    high = low + extremes.stride
    last = high + extremes.stride
    if plan.partitions > 0:
        hand_out_partitions(plan, count.address, total.address, low, high, last)
    else:
        sensors = plan.sensors
        hand_out(plan.records, pitch_bytes, 0, sensors, sensors, count.address, total.address, low, high, last)
    plan.unmatched = 0
    plan.invalid = 0


def entry(compiled: Any) -> Callable[..., None]:
    """A compiled loop without the dispatcher that looks at the types of the arguments first."""
    return next(iter(compiled.overloads.values())).entry_point  # type: ignore[no-any-return]
