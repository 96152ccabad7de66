"""Lanes of 32 bits as two halves of 16, which are multiplied in one step where whole lanes take two or more.

x86 has an instruction for each product here (``pmaddwd`` and ``pmulhuw``), on registers as wide as the processor's.
LLVM does not find them in the portable form, which other processors get.
"""

import sys
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from implementations.kernels.vectors import I64, LANES, MASK, U32, call, has_feature, joined, lanes_of, part_of, pointer

_I16, _I32 = ir.IntType(16), ir.IntType(32)
_SHORTS = ir.VectorType(_I16, 2 * LANES)
_WIDTHS = (("avx512bw", 32), ("avx2", 16), ("sse2", 8))
"""Halves that one instruction multiplies, by what the processor must have for it; the widest first."""

_Product = Callable[[ir.IRBuilder, ir.Value, ir.Value], ir.Value]


def _multiplied(portable: _Product, result: ir.IntType, names: dict[int, str]) -> Any:
    """An operation on all halves by the instructions of `names`, each for its number of halves, else `portable`."""

    def lower(builder: ir.IRBuilder, left: ir.Value, right: ir.Value) -> ir.Value:
        shorts = [builder.bitcast(vector, _SHORTS) for vector in (left, right)]
        width = next((halves for feature, halves in _WIDTHS if has_feature(feature)), 0)
        if width == 0:
            return portable(builder, *shorts)
        kind = ir.VectorType(result, width * _I16.width // result.width)
        pieces = [
            call(builder, names[width], kind, [part_of(builder, vector, first, width) for vector in shorts])
            for first in range(0, 2 * LANES, width)
        ]
        return joined(builder, pieces)

    @intrinsic
    def operation(typing_context, left, right):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return builder.bitcast(lower(builder, *arguments), U32.llvm)

        return U32(U32, U32), codegen

    return operation


def _summed_products(builder: ir.IRBuilder, left: ir.Value, right: ir.Value) -> ir.Value:
    products = []
    for first in range(2):
        kept = lanes_of(U32.llvm, list(range(first, 2 * LANES, 2)))
        halves = [builder.shuffle_vector(x, ir.Constant(_SHORTS, ir.Undefined), kept) for x in (left, right)]
        products.append(builder.mul(*(builder.sext(half, U32.llvm) for half in halves)))
    return builder.add(*products)


def _upper_products(builder: ir.IRBuilder, left: ir.Value, right: ir.Value) -> ir.Value:
    wide = ir.VectorType(_I32, 2 * LANES)
    product = builder.mul(builder.zext(left, wide), builder.zext(right, wide))
    return builder.trunc(builder.lshr(product, lanes_of(wide, [16] * 2 * LANES)), _SHORTS)


multiply_pairs = _multiplied(
    _summed_products,
    _I32,
    {32: "llvm.x86.avx512.pmaddw.d.512", 16: "llvm.x86.avx2.pmadd.wd", 8: "llvm.x86.sse2.pmadd.wd"},
)
"""In each lane the product of the lower halves and that of the upper ones, both signed, added up."""
multiply_high_halves = _multiplied(
    _upper_products,
    _I16,
    {32: "llvm.x86.avx512.pmulhu.w.512", 16: "llvm.x86.avx2.pmulhu.w", 8: "llvm.x86.sse2.pmulhu.w"},
)
"""In each half the upper 16 bits of the product of two uint16."""


@intrinsic
def gather_doubled(typing_context, base, index):  # type: ignore[no-untyped-def]
    """The uint16 at sixteen indices below 2**31: in the lower halves as it is, in the upper with its bytes exchanged.

    Two bytes behind the last one must be readable: by the processor's gather instruction, where it has one that LLVM
    thinks worth using, 32 bits are loaded.
    """

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        start = pointer(builder, arguments[0], _I16)
        spots = builder.gep(start, [builder.sext(arguments[1], I64.llvm)], source_etype=_I16)
        spots.type = ir.VectorType(start.type, LANES)
        everywhere = lanes_of(MASK.llvm, [1] * LANES)
        nothing = ir.Constant(U32.llvm, ir.Undefined)
        name = f"llvm.masked.gather.{U32.suffix}.v{LANES}p0"
        loaded = call(builder, name, U32.llvm, [spots, _I32(2), everywhere, nothing])
        octets = builder.bitcast(loaded, ir.VectorType(ir.IntType(8), 4 * LANES))
        order = (1, 0, 0, 1) if sys.byteorder == "big" else (0, 1, 1, 0)
        kept = lanes_of(ir.VectorType(_I32, 4 * LANES), [4 * lane + octet for lane in range(LANES) for octet in order])
        return builder.bitcast(builder.shuffle_vector(octets, ir.Constant(octets.type, ir.Undefined), kept), U32.llvm)

    return U32(types.intp, U32), codegen
