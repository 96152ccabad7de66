"""The open window: 32 bytes a sensor, so that one cache line serves a reading, and its loops.

A record holds, by byte: 0 sum and 8 count (float64, side by side, so that one vector addition updates both; a count
is exact up to 2**53), 16 the negated minimum and 20 the maximum (float32, for one vector maximum), 24 last (float32)
and 28 the stamp of the call that it came with (uint32), which tells the latest of several windows' last values.
A record is read and written as a whole, so that a sensor that comes again at once is forwarded from the store buffer
and does not wait for the cache. Behind the last sensor lie sixteen reject records, one a lane: a rejected
reading takes the same path as any other and touches nobody's statistics.
"""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from implementations.kernels.memory import read_f32, read_f64, read_u32, write_f32, write_f64, write_u32
from implementations.kernels.pages import zeroed_pages
from implementations.kernels.vectors import LANES, broadcast, lanes_of, pointer

RECORD_BYTES = 32
REJECT_RECORDS = LANES
_SIGN = 1 << 31
WINDOW_DTYPE = np.dtype(
    [("sum", "f8"), ("count", "f8"), ("negated_minimum", "f4"), ("maximum", "f4"), ("last", "f4"), ("stamp", "u4")]
)
_NAN = np.float32(np.nan)
LOWEST = np.float32(-np.inf)
_I32, _I64, _F32, _F64 = ir.IntType(32), ir.IntType(64), ir.FloatType(), ir.DoubleType()


def new_records(sensors: int, parts: int = 1, *, padded: bool = True, huge: bool) -> NDArray[np.void]:
    """The records of `parts` empty windows: WINDOW_DTYPE[parts, at least S + 16], the rejects' last.

    Padded, each part lies apart from the others on cache lines of its own; else the records of one sensor lie side
    by side, so that threads that work on different parts write to the same lines.
    """
    rows = sensors + REJECT_RECORDS + sensors % 2
    memory = zeroed_pages(parts * rows * RECORD_BYTES, huge=huge).view(WINDOW_DTYPE)
    records: NDArray[np.void] = memory.reshape(parts, rows) if padded else memory.reshape(rows, parts).T
    records["negated_minimum"] = records["maximum"] = -np.inf
    records["last"] = np.nan
    return records


@intrinsic
def accumulate(typing_context, record, value, stamp):  # type: ignore[no-untyped-def]
    """Add the value at `value` to the record at an address; no branch."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        record, value, stamp = arguments
        floats, bits = ir.VectorType(_F32, 8), ir.VectorType(_I32, 8)

        def mixed(first: ir.Value, second: ir.Value, lanes: list[int]) -> ir.Value:
            return builder.shuffle_vector(first, second, lanes_of(ir.VectorType(_I32, len(lanes)), lanes))

        at = pointer(builder, record, floats)
        old = builder.load(at, align=RECORD_BYTES, typ=floats)
        number = builder.load(pointer(builder, value, _F32), align=4, typ=_F32)
        one = lanes_of(ir.VectorType(_F64, 2), [1.0, 1.0])
        one = builder.insert_element(one, builder.fpext(number, _F64), _I32(0))
        halves = builder.bitcast(old, ir.VectorType(_F64, 4))
        added = builder.bitcast(builder.fadd(mixed(halves, halves, [0, 1]), one), ir.VectorType(_F32, 4))
        given = broadcast(builder, builder.bitcast(number, _I32), bits)
        marks = builder.insert_element(lanes_of(bits, [0, 0, 0, 0, _SIGN, 0, 0, 0]), stamp, _I32(7))
        given = builder.xor(builder.and_(given, lanes_of(bits, [0xFFFF_FFFF] * 7 + [0])), marks)
        given = builder.bitcast(given, floats)
        larger = builder.select(builder.fcmp_ordered(">", old, given), old, given)
        sides = mixed(larger, given, [0, 1, 2, 3, 4, 5, 14, 15])
        added = mixed(added, added, [0, 1, 2, 3, 4, 5, 6, 7])
        builder.store(mixed(added, sides, [0, 1, 2, 3, 12, 13, 14, 15]), at, align=RECORD_BYTES)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.uint32), codegen


@njit(inline="always")
def reset(record):  # type: ignore[no-untyped-def]
    """Make the record at an address that of a sensor without readings."""
    write_f64(record, 0.0)
    write_f64(record + 8, 0.0)
    write_f32(record + 16, LOWEST)
    write_f32(record + 20, LOWEST)
    write_f32(record + 24, _NAN)
    write_u32(record + 28, np.uint32(0))


@njit
def fold(records, others, pitch_bytes, first, end):  # type: ignore[no-untyped-def]
    """Add the records `others` of rows `first` to `end` to `records` and make them empty."""
    for row in range(first, end):
        record, other = records + row * pitch_bytes, others + row * pitch_bytes
        if read_f64(other + 8) != 0.0:
            write_f64(record, read_f64(record) + read_f64(other))
            write_f64(record + 8, read_f64(record + 8) + read_f64(other + 8))
            write_f32(record + 16, max(read_f32(record + 16), read_f32(other + 16)))
            write_f32(record + 20, max(read_f32(record + 20), read_f32(other + 20)))
            if read_u32(other + 28) > read_u32(record + 28):
                write_f32(record + 24, read_f32(other + 24))
                write_u32(record + 28, read_u32(other + 28))
            reset(other)


@njit
def forget_stamps(records, pitch_bytes, sensors):  # type: ignore[no-untyped-def]
    """Make the stamps of all records 0, before any that is still to come."""
    for row in range(sensors):
        write_u32(records + row * pitch_bytes + 28, np.uint32(0))
