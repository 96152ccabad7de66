"""Vector registers as values in compiled loops: sixteen lanes, loaded, computed with, compared, compressed, stored.

Numba leaves the choice of vector instructions to LLVM's vectorizer, which gives up on a lookup, a compaction or a
scatter. Here a vector is a value like any other. Every operation is one LLVM instruction or intrinsic on sixteen
lanes, which LLVM lowers to what the processor has: one AVX-512 register, two of AVX2, four of SSE2 or of Neon.
Addresses are plain integers, and nothing checks them.
"""

import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import config
from numba.core.codegen import get_host_cpu_features
from numba.core.datamodel import models
from numba.extending import intrinsic, overload, register_model

LANES = 16
_I32 = ir.IntType(32)
_I64 = ir.IntType(64)


class Vector(types.Type):  # type: ignore[misc]
    """`lanes` elements of one Numba scalar type; booleans are a mask."""

    def __init__(self, element: types.Type, lanes: int = LANES) -> None:
        self.element = element
        self.lanes = lanes
        super().__init__(name=f"Vector({element} x {lanes})")

    @property
    def is_float(self) -> bool:
        """Whether arithmetic is that of floating point."""
        return isinstance(self.element, types.Float)

    @property
    def llvm(self) -> ir.VectorType:
        """The same type in LLVM."""
        if self.is_float:
            return ir.VectorType(ir.FloatType() if self.element.bitwidth == 32 else ir.DoubleType(), self.lanes)
        return ir.VectorType(ir.IntType(1 if self.element == types.boolean else self.element.bitwidth), self.lanes)

    @property
    def suffix(self) -> str:
        """The same type in the name of an LLVM intrinsic, such as ``v16i32``."""
        bits = 1 if self.element == types.boolean else self.element.bitwidth
        return f"v{self.lanes}{'f' if self.is_float else 'i'}{bits}"


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, vector.llvm)


U32 = Vector(types.uint32)
F32 = Vector(types.float32)
F64 = Vector(types.float64)
I64 = Vector(types.int64)
MASK = Vector(types.boolean)


def has_feature(name: str) -> bool:
    """Whether code is compiled for a processor with this of LLVM's features, such as ``avx2``."""
    features = config.CPU_FEATURES
    return f"+{name}" in (get_host_cpu_features() if features is None else features).split(",")


def has_masks() -> bool:
    """Whether code is compiled for a processor whose instructions write some of the lanes only (AVX-512VL)."""
    return has_feature("avx512vl")


def pointer(builder: ir.IRBuilder, address: ir.Value, pointee: ir.Type) -> ir.Value:
    """An address as an LLVM pointer."""
    return builder.inttoptr(address, ir.PointerType(pointee))


def call(builder: ir.IRBuilder, name: str, result: ir.Type, arguments: list[ir.Value]) -> ir.Value:
    """Call the LLVM intrinsic `name`, declaring it first where needed."""
    found = builder.module.globals.get(name)
    if found is None:
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        found = ir.Function(builder.module, kind, name)
    return builder.call(found, arguments)


def lanes_of(vector: ir.VectorType, values: Sequence[float]) -> ir.Constant:
    """A vector of constants."""
    return ir.Constant(vector, [ir.Constant(vector.element, value) for value in values])


def broadcast(builder: ir.IRBuilder, scalar: ir.Value, vector: ir.VectorType) -> ir.Value:
    """`scalar` in every lane."""
    nothing = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(nothing, scalar, _I32(0))
    return builder.shuffle_vector(first, nothing, lanes_of(ir.VectorType(_I32, vector.count), [0] * vector.count))


def hidden(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """The same integer as one of which LLVM knows nothing: it is not to work out again what has been worked out."""
    kind = ir.FunctionType(value.type, [value.type])
    return builder.asm(kind, "", "=r,0", [value], side_effect=False)


def part_of(builder: ir.IRBuilder, vector: ir.Value, first: int, count: int) -> ir.Value:
    """`count` lanes of a vector from the one at `first` on."""
    kept = lanes_of(ir.VectorType(_I32, count), list(range(first, first + count)))
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), kept)


def joined(builder: ir.IRBuilder, parts: Sequence[ir.Value]) -> ir.Value:
    """The lanes of all vectors of one type, a power of two of them, one behind the other."""
    while len(parts) > 1:
        every = lanes_of(ir.VectorType(_I32, 2 * parts[0].type.count), list(range(2 * parts[0].type.count)))
        parts = [builder.shuffle_vector(*parts[i : i + 2], every) for i in range(0, len(parts), 2)]
    return parts[0]


def _loader(vector: Vector) -> Any:
    @intrinsic
    def load(typing_context, address):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return builder.load(pointer(builder, arguments[0], vector.llvm), align=1, typ=vector.llvm)

        return vector(types.intp), codegen

    return load


load_u32 = _loader(U32)
load_f32 = _loader(F32)
load_i64 = _loader(I64)


def _storer(align: int, *, past_caches: bool) -> Any:
    @intrinsic
    def write(typing_context, address, vector):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            written = builder.store(arguments[1], pointer(builder, arguments[0], arguments[1].type), align=align)
            if past_caches:
                written.set_metadata("nontemporal", builder.module.add_metadata([_I32(1)]))
            return context.get_dummy_value()

        return types.void(types.intp, vector), codegen

    return write


def _some_loader(vector: Vector) -> Any:
    @intrinsic
    def load(typing_context, address, mask):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            address, mask = arguments
            nothing = ir.Constant(vector.llvm, ir.Undefined)
            name = f"llvm.masked.load.{vector.suffix}.p0"
            return call(builder, name, vector.llvm, [pointer(builder, address, vector.llvm), _I32(1), mask, nothing])

        return vector(types.intp, MASK), codegen

    return load


load_some_u32 = _some_loader(U32)
load_some_f32 = _some_loader(F32)
load_some_i64 = _some_loader(I64)


@intrinsic
def store_some(typing_context, address, vector, mask):  # type: ignore[no-untyped-def]
    """Write the lanes in which the mask holds, each at its place from any address on; touch no other memory."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        address, value, mask = arguments
        name = f"llvm.masked.store.{vector.suffix}.p0"
        call(builder, name, ir.VoidType(), [value, pointer(builder, address, value.type), _I32(1), mask])
        return context.get_dummy_value()

    return types.void(types.intp, vector, MASK), codegen


store = _storer(1, past_caches=False)
"""Write all lanes to any address."""
stream = _storer(64, past_caches=True)
"""Write all lanes past the caches to an address that is a multiple of 64."""


@intrinsic
def ones(typing_context):  # type: ignore[no-untyped-def]
    """1 in every lane of uint32, of which LLVM knows nothing.

    It would else make a subtraction of the mask of what counts lanes up, one step more than an addition under it.
    """

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return broadcast(builder, hidden(builder, _I32(1)), U32.llvm)

    return U32(), codegen


@intrinsic
def splat(typing_context, scalar):  # type: ignore[no-untyped-def]
    """A scalar in every lane."""
    vector = Vector(scalar)

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return broadcast(builder, arguments[0], vector.llvm)

    return vector(scalar), codegen


@intrinsic
def iota(typing_context):  # type: ignore[no-untyped-def]
    """Lanes 0, 1, 2, ... of uint32."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return lanes_of(U32.llvm, list(range(LANES)))

    return U32(), codegen


_Unary = Callable[[ir.IRBuilder, ir.Value], ir.Value]


def _unary(taken: Vector, given: Vector, lower: _Unary) -> Any:
    @intrinsic
    def operation(typing_context, vector):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return lower(builder, arguments[0])

        return given(taken), codegen

    return operation


def _part(builder: ir.IRBuilder, value: ir.Value, first: int) -> ir.Value:
    """Every other 32-bit lane of sixteen 64-bit ones: one permutation, where a truncation would take three."""
    halves = builder.bitcast(value, ir.VectorType(_I32, 2 * LANES))
    kept = lanes_of(U32.llvm, list(range(first, 2 * LANES, 2)))
    return builder.shuffle_vector(halves, ir.Constant(halves.type, ir.Undefined), kept)


def _upper_part(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    return _part(builder, value, 0 if sys.byteorder == "big" else 1)


def _lower_part(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    return _part(builder, value, 1 if sys.byteorder == "big" else 0)


def _held(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    bits = builder.bitcast(value, ir.IntType(value.type.count))
    return builder.zext(builder.ctpop(bits), _I64)


lower_half = _unary(I64, U32, _lower_part)
"""The lower 32 bits of each lane."""
upper_half = _unary(I64, U32, _upper_part)
"""The upper 32 bits of each lane."""
magnitude = _unary(F32, F32, lambda builder, value: call(builder, f"llvm.fabs.{F32.suffix}", F32.llvm, [value]))
"""Absolute values."""
as_floats = _unary(U32, F32, lambda builder, value: builder.bitcast(value, F32.llvm))
"""The same bits as float32."""


@intrinsic
def multiply_add(typing_context, value, factor, addend):  # type: ignore[no-untyped-def]
    """``value * factor + addend`` lane by lane in float32, fused where the processor does that faster."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return call(builder, f"llvm.fmuladd.{F32.suffix}", F32.llvm, list(arguments))

    return F32(F32, F32, F32), codegen


@intrinsic
def held(typing_context, mask):  # type: ignore[no-untyped-def]
    """In how many lanes the mask holds, as an int64."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return _held(builder, arguments[0])

    return types.int64(mask), codegen


@intrinsic
def sum_of(typing_context, vector):  # type: ignore[no-untyped-def]
    """The sum of sixteen uint32, as an int64."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        total = call(builder, f"llvm.vector.reduce.add.{U32.suffix}", _I32, [arguments[0]])
        return builder.zext(total, _I64)

    return types.int64(vector), codegen


@intrinsic
def differ(typing_context, mask, other):  # type: ignore[no-untyped-def]
    """Whether two masks hold in different lanes."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        left, right = (builder.bitcast(held, ir.IntType(held.type.count)) for held in arguments)
        return builder.icmp_unsigned("!=", left, right)

    return types.boolean(mask, mask), codegen


@intrinsic
def turned_right(typing_context, vector, bits):  # type: ignore[no-untyped-def]
    """Each lane with its lower bits, as many as `bits` says, moved to the upper end."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        vector, bits = arguments
        return call(builder, f"llvm.fshr.{U32.suffix}", U32.llvm, [vector, vector, bits])

    return U32(U32, U32), codegen


@intrinsic
def multiply_high(typing_context, vector, factor):  # type: ignore[no-untyped-def]
    """The upper 32 bits of each lane's 64-bit product with the scalar `factor`, both uint32.

    Even and odd lanes apart, as processors multiply them, so that no lane changes its place.
    """

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        pairs = ir.VectorType(_I64, LANES // 2)
        upper_half = lanes_of(pairs, [32] * pairs.count)
        factors = broadcast(builder, builder.zext(arguments[1], _I64), pairs)
        value = builder.bitcast(arguments[0], pairs)
        lower = builder.mul(builder.and_(value, lanes_of(pairs, [0xFFFFFFFF] * pairs.count)), factors)
        upper = builder.mul(builder.lshr(value, upper_half), factors)
        upper = builder.and_(upper, lanes_of(pairs, [0xFFFFFFFF << 32] * pairs.count))
        return builder.bitcast(builder.or_(builder.lshr(lower, upper_half), upper), U32.llvm)

    return U32(U32, types.uint32), codegen


@intrinsic
def choose(typing_context, mask, first, second):  # type: ignore[no-untyped-def]
    """`first` where the mask holds, else `second`."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.select(*arguments)

    return first(MASK, first, first), codegen


@intrinsic
def compress(typing_context, mask, vector):  # type: ignore[no-untyped-def]
    """The lanes in which the mask holds, moved together to the front; what lies behind them is anything."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        keep, value = arguments
        name = f"llvm.experimental.vector.compress.{vector.suffix}"
        return call(builder, name, value.type, [value, keep, ir.Constant(value.type, ir.Undefined)])

    return vector(mask, vector), codegen


def _half(taken: Vector, first: int) -> Any:
    given = Vector(taken.element, LANES // 2)

    @intrinsic
    def half(typing_context, vector):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return part_of(builder, arguments[0], first, LANES // 2)

        return given(taken), codegen

    return half


first_half_i64 = _half(I64, 0)
second_half_i64 = _half(I64, LANES // 2)
first_half_mask = _half(MASK, 0)
second_half_mask = _half(MASK, LANES // 2)


_Binary = Callable[[ir.IRBuilder, Vector, ir.Value, ir.Value], ir.Value]


def _compare(symbol: str) -> _Binary:
    def lower(builder: ir.IRBuilder, vector: Vector, left: ir.Value, right: ir.Value) -> ir.Value:
        comparison = builder.fcmp_ordered if vector.is_float else builder.icmp_unsigned
        return comparison(symbol, left, right)

    return lower


_OPERATIONS: dict[Callable[..., Any], tuple[_Binary, bool]] = {
    operator.add: (lambda b, v, x, y: b.fadd(x, y) if v.is_float else b.add(x, y), False),
    operator.mul: (lambda b, v, x, y: b.fmul(x, y) if v.is_float else b.mul(x, y), False),
    operator.xor: (lambda b, _, x, y: b.xor(x, y), False),
    operator.and_: (lambda b, _, x, y: b.and_(x, y), False),
    operator.rshift: (lambda b, _, x, y: b.lshr(x, y), False),
    operator.eq: (_compare("=="), True),
    operator.ne: (_compare("!="), True),
    operator.lt: (_compare("<"), True),
    operator.le: (_compare("<="), True),
}
"""Lane by lane, integers unsigned; a comparison gives a mask, and one with a NaN in it never holds."""


def _define(symbol: Callable[..., Any], lower: _Binary, *, gives_mask: bool) -> None:
    @intrinsic
    def operation(typing_context, left, right):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return lower(builder, left, *arguments)

        return (MASK if gives_mask else left)(left, left), codegen

    @overload(symbol)
    def on_vectors(left, right):  # type: ignore[no-untyped-def]
        if isinstance(left, Vector) and left == right:
            return lambda left, right: operation(left, right)
        return None


for _symbol, (_lower, _gives_mask) in _OPERATIONS.items():
    _define(_symbol, _lower, gives_mask=_gives_mask)
