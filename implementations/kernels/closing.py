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

from implementations.kernels.memory import read_f32, read_f64, write_f32, write_f64, write_i64
from implementations.kernels.vectors import (
    F64,
    I64,
    LANES,
    U32,
    as_floats,
    choose,
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
_I64 = ir.IntType(64)
_EMPTY = (0, 0, 0xFF80_0000_FF80_0000, 0x0000_0000_7FC0_0000)
"""The words of a record without readings, little-endian: sum and count, both sides at minus infinity, last NaN."""


def _word_loader(word: int) -> Any:
    @intrinsic
    def load(typing_context, records):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            whole = ir.VectorType(_I64, _WORDS * LANES)
            rows = builder.load(pointer(builder, arguments[0], whole), align=RECORD_BYTES, typ=whole)
            every = lanes_of(U32.llvm, list(range(word, _WORDS * LANES, _WORDS)))
            return builder.shuffle_vector(rows, ir.Constant(whole, ir.Undefined), every)

        return I64(types.intp), codegen

    return load


_load_sums, _load_counts, _load_sides, _load_lasts = map(_word_loader, range(_WORDS))


@intrinsic
def _whole_numbers(typing_context, vector):  # type: ignore[no-untyped-def]
    """The bits of sixteen float64 that are whole, as int64."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.fptosi(builder.bitcast(arguments[0], F64.llvm), I64.llvm)

    return I64(I64), codegen


@intrinsic
def _empty_rows(typing_context, records):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        whole = ir.VectorType(_I64, _WORDS * LANES)
        rows = lanes_of(whole, list(_EMPTY) * LANES)
        builder.store(rows, pointer(builder, arguments[0], whole), align=RECORD_BYTES)
        return context.get_dummy_value()

    return types.void(types.intp), codegen


@njit
def _hand_out_rows(records, pitch_bytes, first, end, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    for row in range(first, end):
        record = records + row * pitch_bytes
        lowest = -read_f32(record + 16)
        highest = read_f32(record + 20)
        empty = highest == LOWEST
        write_i64(count + 8 * row, np.int64(read_f64(record + 8)))
        write_f64(total + 8 * row, read_f64(record))
        write_f32(minimum + 4 * row, _NAN if empty else lowest)
        write_f32(maximum + 4 * row, _NAN if empty else highest)
        write_f32(last + 4 * row, read_f32(record + 24))
        reset(record)


def _vector_loop(write: Any) -> Any:
    @njit
    def hand_out(records, first, end, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
        for row in range(first, end, LANES):
            record = records + row * RECORD_BYTES
            counts, sums = _load_counts(record), _load_sums(record)
            sides, lasts = _load_sides(record), _load_lasts(record)
            highest = as_floats(upper_half(sides))
            lowest = as_floats(lower_half(sides) ^ splat(_SIGN))
            empty = highest == splat(LOWEST)
            write(count + 8 * row, _whole_numbers(counts))
            write(total + 8 * row, sums)
            write(minimum + 4 * row, choose(empty, splat(_NAN), lowest))
            write(maximum + 4 * row, choose(empty, splat(_NAN), highest))
            write(last + 4 * row, lower_half(lasts))
            _empty_rows(record)

    return hand_out


_hand_out_near = _vector_loop(store)
_hand_out_far = _vector_loop(stream)


@njit
def hand_out(records, pitch_bytes, first, end, sensors, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Copy the records of rows `first` to `end`, of `sensors`, to columns and open the next window.

    NaN stands where there is no reading.
    """
    begin = end
    after = end
    if pitch_bytes == RECORD_BYTES:
        begin = min(end, (first + LANES - 1) & ~(LANES - 1))
        after = max(begin, end & ~(LANES - 1))
        lines = (count | total | minimum | maximum | last) & (_LINE_BYTES - 1)
        if lines == 0 and sensors * _ROW_BYTES >= _PAST_CACHES_BYTES:
            _hand_out_far(records, begin, after, count, total, minimum, maximum, last)
        else:
            _hand_out_near(records, begin, after, count, total, minimum, maximum, last)
    else:
        after = begin = first
    _hand_out_rows(records, pitch_bytes, first, begin, count, total, minimum, maximum, last)
    _hand_out_rows(records, pitch_bytes, after, end, count, total, minimum, maximum, last)
