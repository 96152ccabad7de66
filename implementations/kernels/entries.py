"""Sixteen entries of the lookup table at once, turned from rows into vectors of ids, records, gains and offsets.

Each entry is loaded whole and four vectors of four are transposed in registers: sixteen loads and twenty moves, where
gather instructions, which load word by word, would take thirty-two loads and a pass of shuffles.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from implementations.kernels.plan import ENTRY_BYTES, WORD_BYTES
from implementations.kernels.vectors import F32, LANES, U32, joined, lanes_of, pointer

_I32, _I64 = ir.IntType(32), ir.IntType(64)
_FIELDS = 4
_ENTRY = ir.VectorType(_I32, _FIELDS)
_ENTRIES_BEGIN = range(0, LANES, _FIELDS)


@intrinsic
def entries_at(typing_context, table, places):  # type: ignore[no-untyped-def]
    """Ids, records, gains and offsets of the entries of `table` whose places are the sixteen uint32 at `places`."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        table, places = arguments

        def entry(lane: int) -> ir.Value:
            at = pointer(builder, builder.add(places, _I64(4 * lane)), _I32)
            place = builder.zext(builder.load(at, align=4, typ=_I32), _I64)
            at = pointer(builder, builder.add(table, builder.mul(place, _I64(WORD_BYTES))), _ENTRY)
            return builder.load(at, align=ENTRY_BYTES, typ=_ENTRY)

        def of_pairs(first: ir.Value, second: ir.Value, lanes: tuple[int, int, int, int]) -> ir.Value:
            """In each quarter, the lanes named: of `first` from 0, of `second` from 4."""
            chosen = [
                (LANES if lane >= _FIELDS else 0) + begin + lane % _FIELDS for begin in _ENTRIES_BEGIN for lane in lanes
            ]
            return builder.shuffle_vector(first, second, lanes_of(U32.llvm, chosen))

        rows = [joined(builder, [entry(begin + lane) for lane in _ENTRIES_BEGIN]) for begin in range(_FIELDS)]
        columns = []
        for lanes in ((0, 4, 1, 5), (2, 6, 3, 7)):
            first, second = (of_pairs(rows[i], rows[i + 1], lanes) for i in (0, 2))
            columns += [of_pairs(first, second, (0, 1, 4, 5)), of_pairs(first, second, (2, 3, 6, 7))]
        columns[2:] = [builder.bitcast(column, F32.llvm) for column in columns[2:]]
        return context.make_tuple(builder, signature.return_type, columns)

    return types.Tuple((U32, U32, F32, F32))(types.intp, types.intp), codegen
