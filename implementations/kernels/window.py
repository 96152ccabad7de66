"""The open window: 32 bytes a sensor, half a cache line, and its loops.

A record holds, by byte: 0 sum and 8 count (float64, side by side, so that one vector addition updates both; a count
is exact up to 2**53), 16 the negated minimum and 20 the maximum (float32, for one vector maximum), 24 last (float32)
and 28 its bits, each of them turned where the stamp of the call that it came with has a 1 (uint32): the stamp tells
the latest of several windows' last values, and is written by the exclusive or that makes the minimum negative.
A record is read and written as a whole, so that a sensor that comes again at once is forwarded from the store buffer
and does not wait for the cache. Behind the last sensor lie sixteen reject records, one a lane: a rejected
reading takes the same path as any other and touches nobody's statistics.
"""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

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
from implementations.kernels.pages import zeroed_pages
from implementations.kernels.plan import WORD_BYTES
from implementations.kernels.vectors import LANES, Vector, broadcast, call, has_masks, hidden, lanes_of, pointer

RECORD_BYTES = 32
REJECT_RECORDS = LANES
_SIGN = 1 << 31
WINDOW_DTYPE = np.dtype(
    [("sum", "f8"), ("count", "f8"), ("negated_minimum", "f4"), ("maximum", "f4"), ("last", "f4"), ("stamped", "u4")]
)
_NAN = np.float32(np.nan)
LOWEST = np.float32(-np.inf)
_I32, _I64, _F32, _F64 = ir.IntType(32), ir.IntType(64), ir.FloatType(), ir.DoubleType()
_FLOATS, _DOUBLES, _BITS = ir.VectorType(_F32, 8), ir.VectorType(_F64, 4), ir.VectorType(_I32, 8)
_PAIR, _FOUR = ir.VectorType(_F64, 2), ir.VectorType(_F32, 4)
_MASK8, _MASK4 = Vector(types.boolean, 8), Vector(types.boolean, 4)
_EVERY_LANE, _ROUND_AS_EVER = ir.IntType(8)(255), _I32(4)


def new_records(sensors: int, parts: int = 1, *, padded: bool = True, huge: bool) -> NDArray[np.void]:
    """The records of `parts` empty windows: WINDOW_DTYPE[parts, at least S + 16], the rejects' last.

    Padded, each part lies apart from the others on cache lines of its own; else the records of one sensor lie side
    by side, so that threads that work on different parts write to the same lines.
    """
    rows = sensors + REJECT_RECORDS + sensors % 2
    memory = zeroed_pages(parts * rows * RECORD_BYTES, huge=huge).view(WINDOW_DTYPE)
    records: NDArray[np.void] = memory.reshape(parts, rows) if padded else memory.reshape(rows, parts).T
    clear(records)
    return records


def clear(records: NDArray[np.void]) -> None:
    """Make zeroed records those of sensors without readings."""
    records["negated_minimum"] = records["maximum"] = -np.inf
    records["last"] = np.nan
    records["stamped"] = records["last"].view(np.uint32)


def _chooser(count: int, chosen: range) -> Any:
    mask = Vector(types.boolean, count)

    @intrinsic
    def choose(typing_context):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            if not has_masks():
                return lanes_of(mask.llvm, [lane in chosen for lane in range(count)])
            value = hidden(builder, _I32(sum(1 << lane for lane in chosen)))
            return builder.bitcast(builder.trunc(value, ir.IntType(count)), mask.llvm)

        return mask(), codegen

    return choose


sides = _chooser(8, range(4, 6))
"""Which of the record's words of four bytes are its minimum and maximum.

Where the processor has masks, LLVM is not to know them: it would make a blend of each, one instruction more.
"""
sum_and_count = _chooser(4, range(2))
"""Which of its words of eight bytes."""


def _marks(builder: ir.IRBuilder, stamp: ir.Value) -> ir.Value:
    """What turns the bits of a value in each word of a record into what is written there."""
    return builder.insert_element(lanes_of(_BITS, [0, 0, 0, 0, _SIGN, 0, 0, 0]), stamp, _I32(7))


def _value_and_one(builder: ir.IRBuilder, address: ir.Value) -> ir.Value:
    """The float32 at an address as float64, and 1.

    With AVX-512 by the instruction that converts a number in memory, one step where a loaded one takes two.
    """
    ones = lanes_of(_PAIR, [1.0, 1.0])
    number = builder.load(pointer(builder, address, _F32), align=4, typ=_F32)
    if not has_masks():
        return builder.insert_element(ones, builder.fpext(number, _F64), _I32(0))
    number = builder.insert_element(ir.Constant(_FOUR, ir.Undefined), number, _I32(0))
    arguments = [ones, number, ones, _EVERY_LANE, _ROUND_AS_EVER]
    return call(builder, "llvm.x86.avx512.mask.cvtss2sd.round", _PAIR, arguments)


def _add(
    builder: ir.IRBuilder,
    record: ir.Value,
    value: ir.Value,
    again: ir.Value,
    marks: ir.Value,
    extremes: ir.Value,
    sums: ir.Value,
) -> None:
    """Add the value at the addresses `value` and `again`, which are the same, to a record."""
    at = pointer(builder, record, _FLOATS)
    old = builder.load(at, align=RECORD_BYTES, typ=_FLOATS)
    bits = builder.load(pointer(builder, value, _I32), align=4, typ=_I32)
    given = builder.bitcast(builder.xor(broadcast(builder, bits, _BITS), marks), _FLOATS)
    if has_masks():
        larger = call(builder, "llvm.x86.avx.max.ps.256", _FLOATS, [old, given])
    else:
        larger = builder.select(builder.fcmp_ordered(">", old, given), old, given)
    given = builder.select(extremes, larger, given)
    one = _value_and_one(builder, again)
    wide = lanes_of(ir.VectorType(_I32, 4), [0, 1, 2, 3])
    one = builder.shuffle_vector(one, ir.Constant(_PAIR, ir.Undefined), wide)
    added = builder.fadd(builder.bitcast(old, _DOUBLES), one)
    added = builder.select(sums, added, builder.bitcast(given, _DOUBLES))
    builder.store(builder.bitcast(added, _FLOATS), at, align=RECORD_BYTES)


def _seen_anew(builder: ir.IRBuilder, address: ir.Value) -> ir.Value:
    """The same address in a register of its own: LLVM loads from it a second time, and without an index.

    Instructions then take their operands from memory, which with an index besides would be a step of its own.
    """
    return hidden(builder, address) if has_masks() else address


@intrinsic
def accumulate(typing_context, record, value, stamp, extremes, sums):  # type: ignore[no-untyped-def]
    """Add the value at `value` to the record at an address; no branch. `sides` and `sum_and_count` choose its words."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        record, value, stamp, extremes, sums = arguments
        _add(builder, record, value, _seen_anew(builder, value), _marks(builder, stamp), extremes, sums)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.uint32, _MASK8, _MASK4), codegen


def _words_at(builder: ir.IRBuilder, address: ir.Value) -> Iterator[ir.Value]:
    """Sixteen uint32 as int64, loaded two by two as they are asked for."""
    for lane in range(0, LANES, 2):
        pair = builder.load(pointer(builder, builder.add(address, _I64(4 * lane)), _I64), align=4, typ=_I64)
        halves = builder.and_(pair, _I64(0xFFFFFFFF)), builder.lshr(pair, _I64(32))
        yield from (hidden(builder, half) for half in (halves if sys.byteorder == "little" else reversed(halves)))


@intrinsic
def accumulate_vector(typing_context, records, words, values, stamp, extremes, sums):  # type: ignore[no-untyped-def]
    """Add sixteen values, one by one, each to the record as many words from the first as the uint32 at `words` says."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        records, words, values, stamp, extremes, sums = arguments
        first, again = _seen_anew(builder, values), _seen_anew(builder, values)
        marks = _marks(builder, stamp)
        for lane, word in enumerate(_words_at(builder, words)):
            record = builder.add(records, builder.mul(word, _I64(WORD_BYTES)))
            value, second = (builder.add(base, _I64(4 * lane)) for base in (first, again))
            _add(builder, record, value, second, marks, extremes, sums)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp, types.uint32, _MASK8, _MASK4), codegen


@njit(inline="always")
def _stamp_of(record):  # type: ignore[no-untyped-def]
    return read_u32(record + 24) ^ read_u32(record + 28)


@njit(inline="always")
def reset(record):  # type: ignore[no-untyped-def]
    """Make the record at an address that of a sensor without readings."""
    write_f64(record, 0.0)
    write_f64(record + 8, 0.0)
    write_f32(record + 16, LOWEST)
    write_f32(record + 20, LOWEST)
    write_f32(record + 24, _NAN)
    write_f32(record + 28, _NAN)


@njit
def fold(records, others, pitch_bytes, first, end):  # type: ignore[no-untyped-def]
    """Add the records `others` from `first` to `end` to those of `records` and make them empty."""
    for row in range(first, end):
        record, other = records + row * pitch_bytes, others + row * pitch_bytes
        if read_f64(other + 8) != 0.0:
            write_f64(record, read_f64(record) + read_f64(other))
            write_f64(record + 8, read_f64(record + 8) + read_f64(other + 8))
            write_f32(record + 16, max(read_f32(record + 16), read_f32(other + 16)))
            write_f32(record + 20, max(read_f32(record + 20), read_f32(other + 20)))
            if _stamp_of(other) > _stamp_of(record):
                write_i64(record + 24, read_i64(other + 24))
            reset(other)


@njit
def forget_stamps(records, pitch_bytes, count):  # type: ignore[no-untyped-def]
    """Make the stamps of `count` records 0, before any that is still to come."""
    for row in range(count):
        record = records + row * pitch_bytes
        write_u32(record + 28, read_u32(record + 24))
