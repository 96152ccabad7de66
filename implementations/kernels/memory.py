"""Memory by address in compiled loops: scalars, prefetch, fences and the address of an array.

Addresses are plain integers, and nothing checks them. A loop that gets one record of addresses is called faster
than one that gets ten arrays, each of which would be unpacked anew.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from implementations.kernels.plan import WORD_BYTES
from implementations.kernels.vectors import LANES, call, pointer

_I32 = ir.IntType(32)


def _llvm(scalar: types.Type) -> ir.Type:
    if isinstance(scalar, types.Float):
        return ir.FloatType() if scalar.bitwidth == 32 else ir.DoubleType()
    return ir.IntType(scalar.bitwidth)


def _reader(scalar: types.Type) -> Any:
    kind = _llvm(scalar)

    @intrinsic
    def read(typing_context, address):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            return builder.load(pointer(builder, arguments[0], kind), align=1, typ=kind)

        return scalar(types.intp), codegen

    return read


def _writer(scalar: types.Type) -> Any:
    kind = _llvm(scalar)

    @intrinsic
    def write(typing_context, address, value):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            builder.store(arguments[1], pointer(builder, arguments[0], kind), align=1)
            return context.get_dummy_value()

        return types.void(types.intp, scalar), codegen

    return write


read_u32 = _reader(types.uint32)
read_i64 = _reader(types.int64)
read_f32 = _reader(types.float32)
read_f64 = _reader(types.float64)
write_u32 = _writer(types.uint32)
write_i64 = _writer(types.int64)
write_f32 = _writer(types.float32)
write_f64 = _writer(types.float64)


@intrinsic
def address_of(typing_context, array):  # type: ignore[no-untyped-def]
    """Where the first element of `array` lies; keep the array alive elsewhere."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.ptrtoint(data, ir.IntType(64))

    return types.intp(array), codegen


@intrinsic
def record_at(typing_context, address, kind):  # type: ignore[no-untyped-def]
    """The record at `address`, of the Numba type `kind`."""
    record = kind.instance_type

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.inttoptr(arguments[0], context.get_value_type(record))

    return record(types.intp, kind), codegen


@intrinsic
def prefetch(typing_context, address):  # type: ignore[no-untyped-def]
    """Ask for the cache line at `address`, to be written soon; never faults."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        at = pointer(builder, arguments[0], ir.IntType(8))
        kind = ir.FunctionType(ir.VoidType(), [at.type, _I32, _I32, _I32])
        found = builder.module.globals.get("llvm.prefetch.p0") or ir.Function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(found, [at, _I32(0), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return types.void(types.intp), codegen


@njit(inline="always")
def fetch(first, words):  # type: ignore[no-untyped-def]
    """Ask for sixteen cache lines, as many words from the first as the uint32 at `words` say."""
    for lane in range(LANES):
        prefetch(first + WORD_BYTES * np.int64(read_u32(words + 4 * lane)))


@intrinsic
def multiply_add(typing_context, value, gain, offset):  # type: ignore[no-untyped-def]
    """``value * gain + offset`` in float32, fused where the processor does that faster."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return call(builder, "llvm.fmuladd.f32", ir.FloatType(), list(arguments))

    return types.float32(types.float32, types.float32, types.float32), codegen
