"""Hand out the window and open the next one: sixteen sensors at a time, each record read once and written once.

Records lie row by row, statistics column by column: a vector of each word of sixteen records is a transposition in
registers. Statistics larger than the caches are written past them: whoever reads them later finds them in memory in
any case, and what is not read before it is overwritten costs half as much to write.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from implementations.kernels.memory import fetch, read_f32, read_f64, read_u32, write_f32, write_f64, write_i64
from implementations.kernels.plan import WORD_BYTES
from implementations.kernels.vectors import (
    F64,
    I64,
    LANES,
    U32,
    Vector,
    as_floats,
    choose,
    joined,
    lanes_of,
    lower_half,
    pointer,
    splat,
    store,
    stream,
    upper_half,
)
from implementations.kernels.window import LOWEST, RECORD_BYTES, reset

_WORDS = RECORD_BYTES // 8
_LINE_BYTES = 64
_PAST_CACHES_BYTES = 1 << 21
"""Statistics of at least this size are written past the caches: the size of a second-level cache."""
_ROW_BYTES = 28
_NAN = np.float32(np.nan)
_SIGN = np.uint32(1 << 31)
_I32, _I64 = ir.IntType(32), ir.IntType(64)
_RECORD = ir.VectorType(_I64, _WORDS)
_ORDERED_AHEAD = 64
"""Rows ahead of which a record is fetched, where they lie in any order."""
_EMPTY = (0, 0, 0xFF80_0000_FF80_0000, 0x7FC0_0000_7FC0_0000)
"""The words of a record without readings: sum and count, both sides at minus infinity, last NaN, its stamp 0."""


_ROWS = Vector(types.int64, _WORDS * LANES)


@intrinsic
def _rows_at(typing_context, records):  # type: ignore[no-untyped-def]
    """Sixteen records that lie one behind the other."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.load(pointer(builder, arguments[0], _ROWS.llvm), align=RECORD_BYTES, typ=_ROWS.llvm)

    return _ROWS(types.intp), codegen


def _ordered(builder: ir.IRBuilder, records: ir.Value, order: ir.Value, lane: int) -> ir.Value:
    """Where the record lies that the uint32 at `order` names for a lane."""
    at = pointer(builder, builder.add(order, _I64(4 * lane)), _I32)
    words = builder.zext(builder.load(at, align=4, typ=_I32), _I64)
    return pointer(builder, builder.add(records, builder.mul(words, _I64(WORD_BYTES))), _RECORD)


@intrinsic
def _ordered_rows(typing_context, records, order):  # type: ignore[no-untyped-def]
    """Sixteen records, each as many words from the first as the uint32 at `order` say."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        spots = [_ordered(builder, arguments[0], arguments[1], lane) for lane in range(LANES)]
        return joined(builder, [builder.load(spot, align=RECORD_BYTES, typ=_RECORD) for spot in spots])

    return _ROWS(types.intp, types.intp), codegen


def _word(word: int) -> Any:
    @intrinsic
    def extract(typing_context, rows):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            every = lanes_of(U32.llvm, list(range(word, _WORDS * LANES, _WORDS)))
            return builder.shuffle_vector(arguments[0], ir.Constant(_ROWS.llvm, ir.Undefined), every)

        return I64(_ROWS), codegen

    return extract


_sums_of, _counts_of, _sides_of, _lasts_of = map(_word, range(_WORDS))


@intrinsic
def _whole_numbers(typing_context, vector):  # type: ignore[no-untyped-def]
    """The bits of sixteen float64 that are whole, as int64."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.fptosi(builder.bitcast(arguments[0], F64.llvm), I64.llvm)

    return I64(I64), codegen


@intrinsic
def _empty_rows(typing_context, records):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows = lanes_of(_ROWS.llvm, list(_EMPTY) * LANES)
        builder.store(rows, pointer(builder, arguments[0], _ROWS.llvm), align=RECORD_BYTES)
        return context.get_dummy_value()

    return types.void(types.intp), codegen


@intrinsic
def _empty_ordered_rows(typing_context, records, order):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        for lane in range(LANES):
            at = _ordered(builder, arguments[0], arguments[1], lane)
            builder.store(lanes_of(_RECORD, list(_EMPTY)), at, align=RECORD_BYTES)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), codegen


@njit
def _hand_out_row(record, row, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    lowest = -read_f32(record + 16)
    highest = read_f32(record + 20)
    empty = highest == LOWEST
    write_i64(count + 8 * row, np.int64(read_f64(record + 8)))
    write_f64(total + 8 * row, read_f64(record))
    write_f32(minimum + 4 * row, _NAN if empty else lowest)
    write_f32(maximum + 4 * row, _NAN if empty else highest)
    write_f32(last + 4 * row, read_f32(record + 24))
    reset(record)


def _vector_writer(write: Any) -> Any:
    @njit(inline="always")
    def hand_out(rows, row, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
        sides, lasts = _sides_of(rows), _lasts_of(rows)
        highest = as_floats(upper_half(sides))
        lowest = as_floats(lower_half(sides) ^ splat(_SIGN))
        empty = highest == splat(LOWEST)
        write(count + 8 * row, _whole_numbers(_counts_of(rows)))
        write(total + 8 * row, _sums_of(rows))
        write(minimum + 4 * row, choose(empty, splat(_NAN), lowest))
        write(maximum + 4 * row, choose(empty, splat(_NAN), highest))
        write(last + 4 * row, lower_half(lasts))

    return hand_out


_write_near = _vector_writer(store)
_write_far = _vector_writer(stream)


@njit(inline="always")
def _is_far(sensors, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Whether the statistics are to be written past the caches, which takes columns that begin at a line."""
    lines = (count | total | minimum | maximum | last) & (_LINE_BYTES - 1)
    return lines == 0 and sensors * _ROW_BYTES >= _PAST_CACHES_BYTES


@njit(inline="always")
def _record_at(records, pitch_bytes, order, row):  # type: ignore[no-untyped-def]
    if order != 0:
        return records + WORD_BYTES * np.int64(read_u32(order + 4 * row))
    return records + pitch_bytes * row


@njit
def hand_out(records, pitch_bytes, order, first, end, sensors, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Copy the records of rows `first` to `end`, of `sensors`, to columns and open the next window.

    They lie in the order of the rows, or each as many words from the first as the uint32 at `order` say, where that is
    not 0. NaN stands where there is no reading.
    """
    begin = after = first
    if order != 0 or pitch_bytes == RECORD_BYTES:
        begin = min(end, (first + LANES - 1) & ~(LANES - 1))
        after = max(begin, end & ~(LANES - 1))
    is_far = _is_far(sensors, count, total, minimum, maximum, last)
    for row in range(first, begin):
        _hand_out_row(_record_at(records, pitch_bytes, order, row), row, count, total, minimum, maximum, last)
    for row in range(begin, after, LANES):
        if order != 0:
            if row + _ORDERED_AHEAD < after:
                fetch(records, order + 4 * (row + _ORDERED_AHEAD))
            rows = _ordered_rows(records, order + 4 * row)
            _empty_ordered_rows(records, order + 4 * row)
        else:
            rows = _rows_at(records + RECORD_BYTES * row)
            _empty_rows(records + RECORD_BYTES * row)
        if is_far:
            _write_far(rows, row, count, total, minimum, maximum, last)
        else:
            _write_near(rows, row, count, total, minimum, maximum, last)
    for row in range(after, end):
        _hand_out_row(_record_at(records, pitch_bytes, order, row), row, count, total, minimum, maximum, last)


@njit
def hand_out_rows(plan, first, end, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Copy a plan's records of rows `first` to `end`, however they lie, and open the next window."""
    pitch_bytes = WORD_BYTES * plan.record_words
    hand_out(plan.records, pitch_bytes, plan.order, first, end, plan.sensors, count, total, minimum, maximum, last)
