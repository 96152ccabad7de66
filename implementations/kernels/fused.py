"""The whole job in one compiled call, block by block: what one step leaves, the next finds in the first cache."""

import numpy as np
from numba import from_dtype, int64, njit, types, void

from implementations.kernels.locating import locate
from implementations.kernels.memory import (
    address_of,
    multiply_add,
    prefetch,
    read_f32,
    read_i64,
    read_u32,
    write_f32,
    write_i64,
    write_u32,
)
from implementations.kernels.plan import PLAN_DTYPE
from implementations.kernels.retaining import append, keep_accepted
from implementations.kernels.vectors import LANES
from implementations.kernels.window import RECORD_BYTES, accumulate, add_carried, carry, hand_out


@njit(inline="always")
def _take(record, value, output):  # type: ignore[no-untyped-def]
    calibrated = multiply_add(read_f32(value), read_f32(record + 24), read_f32(record + 28))
    write_f32(output, calibrated)
    accumulate(record, calibrated)


@njit
def aggregate(records, ahead, rows, ids, times, values, output, count, block):  # type: ignore[no-untyped-def]
    """Calibrate `count` readings and add them to their sensors' records, `ahead` records being on their way."""
    whole = count & ~(LANES - 1)
    if ahead > 0:
        for i in range(min(ahead, whole)):
            prefetch(records + RECORD_BYTES * np.int64(read_u32(rows + 4 * i)))
    for first in range(0, whole, LANES):
        prefetch(ids + 4 * (first + block))
        prefetch(values + 4 * (first + block))
        prefetch(times + 8 * first)
        prefetch(times + 8 * first + 64)
        if ahead > 0 and first + ahead < whole:
            for lane in range(LANES):
                prefetch(records + RECORD_BYTES * np.int64(read_u32(rows + 4 * (first + ahead + lane))))
        for lane in range(LANES):
            at = 4 * (first + lane)
            _take(records + RECORD_BYTES * np.int64(read_u32(rows + at)), values + at, output + at)
    for at in range(4 * whole, 4 * count, 4):
        _take(records + RECORD_BYTES * np.int64(read_u32(rows + at)), values + at, output + at)


@njit
def _gather_columns(sensor_id, time, value, strides, ids, times, values, count):  # type: ignore[no-untyped-def]
    """Copy a block of strided columns to contiguous ones."""
    for i in range(count):
        write_u32(ids + 4 * i, read_u32(sensor_id + strides[0] * i))
        write_i64(times + 8 * i, read_i64(time + strides[1] * i))
        write_f32(values + 4 * i, read_f32(value + strides[2] * i))


@njit
def _locate_block(plan, ids, values, count):  # type: ignore[no-untyped-def]
    """Rows of any number of readings up to a block; the last vector is padded with readings that are accepted."""
    pitch = plan.block + 2 * LANES
    rows = plan.scratch
    mixed = rows + 4 * pitch
    places = mixed + 4 * pitch
    whole = count & ~(LANES - 1)
    matched, accepted = locate(plan, ids, values, rows, mixed, places, whole)
    rest = count - whole
    if rest > 0:
        spare_ids = mixed + 4 * (plan.block + LANES)
        spare_values = places + 4 * (plan.block + LANES)
        for i in range(LANES):
            write_u32(spare_ids + 4 * i, read_u32(ids + 4 * (whole + i)) if i < rest else np.uint32(plan.known_id))
            write_f32(spare_values + 4 * i, read_f32(values + 4 * (whole + i)) if i < rest else np.float32(0.0))
        more_matched, more_accepted = locate(
            plan, spare_ids, spare_values, rows + 4 * whole, mixed + 4 * whole, places + 4 * whole, LANES
        )
        padded = 0 if plan.sensors == 0 else LANES - rest
        matched += more_matched - padded
        accepted += more_accepted - padded
    plan.unmatched += count - matched
    plan.invalid += matched - accepted
    return accepted


@njit
def take_block(plan, ids, times, values, output, count):  # type: ignore[no-untyped-def]
    """Do the job for up to a block of contiguous readings."""
    if plan.uncarried + count > plan.carry_at:
        carry(plan.records, plan.carried, plan.sensors)
        plan.uncarried = 0
        plan.has_carried = 1
    plan.uncarried += count
    accepted = _locate_block(plan, ids, values, count)
    aggregate(plan.records, plan.ahead, plan.scratch, ids, times, values, output, count, plan.block)
    if plan.retain == 0:
        return
    if accepted == count:
        append(plan, ids, times, output, count)
    else:
        pitch = plan.block + 2 * LANES
        kept_ids = plan.scratch + 28 * pitch
        kept_values = kept_ids + 4 * pitch
        kept_times = kept_values + 4 * pitch
        keep_accepted(ids, times, output, kept_ids, kept_times, kept_values, count)
        append(plan, kept_ids, kept_times, kept_values, accepted)


_PLAN = types.Array(from_dtype(PLAN_DTYPE), 1, "C")


@njit(
    [
        void(
            _PLAN,
            types.Array(types.uint32, 1, "A", readonly=True),
            types.Array(types.int64, 1, "A", readonly=True),
            types.Array(types.float32, 1, "A", readonly=True),
        )
    ],
    cache=True,
    nogil=True,
)
def process(plans, sensor_id, time, value):  # type: ignore[no-untyped-def]
    """Do the job for a batch, contiguous or strided; the values go to the plan's output."""
    plan = plans[0]
    ids, times, values = address_of(sensor_id), address_of(time), address_of(value)
    strides = (sensor_id.strides[0], time.strides[0], value.strides[0])
    contiguous = strides == (4, 8, 4)
    pitch = plan.block + 2 * LANES
    for first in range(0, len(sensor_id), plan.block):
        count = min(plan.block, len(sensor_id) - first)
        if contiguous:
            take_block(plan, ids + 4 * first, times + 8 * first, values + 4 * first, plan.output + 4 * first, count)
        else:
            block_ids = plan.scratch + 12 * pitch
            block_values = block_ids + 4 * pitch
            block_times = block_values + 4 * pitch
            _gather_columns(
                ids + strides[0] * first,
                times + strides[1] * first,
                values + strides[2] * first,
                strides,
                block_ids,
                block_times,
                block_values,
                count,
            )
            take_block(plan, block_ids, block_times, block_values, plan.output + 4 * first, count)


@njit([void(_PLAN, int64[::1], types.float64[::1], types.float32[:, ::1])], cache=True, nogil=True)
def close(plans, count, total, extremes):  # type: ignore[no-untyped-def]
    """Hand out the window (minimum, maximum and last in three rows) and open the next one."""
    plan = plans[0]
    sides = address_of(extremes)
    row = 4 * extremes.shape[1]
    hand_out(plan.records, plan.sensors, address_of(count), address_of(total), sides, sides + row, sides + 2 * row)
    if plan.has_carried != 0:
        add_carried(plan.carried, plan.sensors, address_of(count))
    plan.has_carried = 0
    plan.uncarried = 0
    plan.unmatched = 0
    plan.invalid = 0
