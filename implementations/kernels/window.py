"""The open window: 32 bytes a sensor, so that one cache line serves a reading, and its two loops.

A record holds, by byte: 0 sum (float64), 8 the negated minimum and 12 the maximum (float32, side by side, so that one
vector maximum updates both), 16 last (float32), 20 count (uint32, carried into an int64 column before it can
overflow), 24 gain and 28 offset (float32). Behind the last sensor lie sixteen reject records whose gain is NaN: a
rejected reading takes the same path as any other, comes out as NaN and touches nobody's statistics.
"""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from implementations.kernels.memory import (
    read_f32,
    read_f64,
    read_i64,
    read_u32,
    write_f32,
    write_f64,
    write_i64,
    write_u32,
)
from implementations.kernels.vectors import LANES, broadcast, lanes_of, pointer

RECORD_BYTES = 32
REJECT_RECORDS = LANES
WINDOW_DTYPE = np.dtype(
    [
        ("sum", "f8"),
        ("negated_minimum", "f4"),
        ("maximum", "f4"),
        ("last", "f4"),
        ("count", "u4"),
        ("gain", "f4"),
        ("offset", "f4"),
    ]
)
_NAN = np.float32(np.nan)
_LOWEST = np.float32(-np.inf)


@intrinsic
def accumulate(typing_context, record, calibrated):  # type: ignore[no-untyped-def]
    """Add one value to the record at an address: two loads, three stores, no branch."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        record, calibrated = arguments
        i32, f32, f64 = ir.IntType(32), ir.FloatType(), ir.DoubleType()
        floats, doubles = ir.VectorType(f32, 4), ir.VectorType(f64, 2)
        indices = ir.VectorType(i32, 4)
        at = pointer(builder, record, floats)
        old = builder.load(at, align=16, typ=floats)
        added = builder.bitcast(old, doubles)
        summed = builder.fadd(builder.extract_element(added, i32(0)), builder.fpext(calibrated, f64))
        added = builder.bitcast(builder.insert_element(added, summed, i32(0)), floats)
        sides = broadcast(builder, calibrated, floats)
        sides = builder.shuffle_vector(sides, builder.fneg(sides), lanes_of(indices, [0, 1, 4, 3]))
        peaks = builder.select(builder.fcmp_ordered(">", sides, old), sides, old)
        builder.store(builder.shuffle_vector(added, peaks, lanes_of(indices, [0, 1, 6, 7])), at, align=16)
        sixteen, twenty = ir.IntType(64)(16), ir.IntType(64)(20)
        builder.store(calibrated, pointer(builder, builder.add(record, sixteen), f32), align=4)
        count = pointer(builder, builder.add(record, twenty), i32)
        builder.store(builder.add(builder.load(count, align=4, typ=i32), i32(1)), count, align=4)
        return context.get_dummy_value()

    return types.void(types.intp, types.float32), codegen


@njit
def reset(record):  # type: ignore[no-untyped-def]
    """Make the record at an address that of a sensor without readings."""
    write_f64(record, 0.0)
    write_f32(record + 8, _LOWEST)
    write_f32(record + 12, _LOWEST)
    write_f32(record + 16, _NAN)
    write_u32(record + 20, np.uint32(0))


@njit
def carry(records, carried, sensors):  # type: ignore[no-untyped-def]
    """Move the 32-bit counts into the int64 column `carried`."""
    for row in range(sensors):
        count = records + row * RECORD_BYTES + 20
        write_i64(carried + 8 * row, read_i64(carried + 8 * row) + np.int64(read_u32(count)))
        write_u32(count, np.uint32(0))


@njit
def hand_out(records, sensors, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Copy the records to columns, NaN where there is no reading, and open the next window, in one pass."""
    for row in range(sensors):
        record = records + row * RECORD_BYTES
        lowest = -read_f32(record + 8)
        highest = read_f32(record + 12)
        empty = highest == _LOWEST
        write_i64(count + 8 * row, np.int64(read_u32(record + 20)))
        write_f64(total + 8 * row, read_f64(record))
        write_f32(minimum + 4 * row, _NAN if empty else lowest)
        write_f32(maximum + 4 * row, _NAN if empty else highest)
        write_f32(last + 4 * row, read_f32(record + 16))
        reset(record)


@njit
def add_carried(carried, sensors, count):  # type: ignore[no-untyped-def]
    """Add what was carried to the counts and begin to carry anew."""
    for row in range(sensors):
        write_i64(count + 8 * row, read_i64(count + 8 * row) + read_i64(carried + 8 * row))
        write_i64(carried + 8 * row, 0)
