"""Acquire, release and compare-and-swap on 64-bit words by address, as LLVM's atomic instructions.

A word written with release is seen with acquire only together with everything written before it; on x86 both are
plain moves that the compiler may not reorder, on Arm they are LDAR and STLR [1]_.

References
----------
.. [1] LLVM language reference, memory model for concurrent operations, https://llvm.org/docs/Atomics.html.
"""

import platform
import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_WORD = ir.IntType(64)
_ARM_YIELD = 1
_CLOCK_MONOTONIC = 6 if sys.platform == "darwin" else 1
"""The clock behind ``time.monotonic_ns`` and, on Linux, ``time.perf_counter_ns``."""


def _pointer(builder: ir.IRBuilder, address: ir.Value) -> ir.Value:
    return builder.inttoptr(address, ir.PointerType(_WORD))


def _call(builder: ir.IRBuilder, name: str, arguments: list[ir.Value]) -> None:
    kind = ir.FunctionType(ir.VoidType(), [argument.type for argument in arguments])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


@intrinsic
def load_acquire(typing_context, address):  # type: ignore[no-untyped-def]
    """The int64 at `address`; nothing that follows is read before it."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.load_atomic(_pointer(builder, arguments[0]), "acquire", 8, typ=_WORD)

    return types.int64(types.intp), codegen


@intrinsic
def store_release(typing_context, address, value):  # type: ignore[no-untyped-def]
    """Write an int64 to `address`; nothing that precedes is written after it."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        builder.store_atomic(arguments[1], _pointer(builder, arguments[0]), "release", 8)
        return context.get_dummy_value()

    return types.void(types.intp, types.int64), codegen


@intrinsic
def compare_and_swap(typing_context, address, expected, wanted):  # type: ignore[no-untyped-def]
    """Write `wanted` to `address` if it holds `expected`; whether it did. Sequentially consistent, with a fence."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        address, expected, wanted = arguments
        pair = builder.cmpxchg(_pointer(builder, address), expected, wanted, "seq_cst", "seq_cst")
        builder.fence("seq_cst")
        return builder.extract_value(pair, 1)

    return types.boolean(types.intp, types.int64, types.int64), codegen


@intrinsic
def fence(typing_context):  # type: ignore[no-untyped-def]
    """Whatever was written before, past the caches too, is seen before what is written after."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def relax(typing_context):  # type: ignore[no-untyped-def]
    """Tell the processor that this is a loop that waits."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        machine = platform.machine().lower()
        if machine in {"x86_64", "amd64"}:
            _call(builder, "llvm.x86.sse2.pause", [])
        elif machine in {"aarch64", "arm64"}:
            _call(builder, "llvm.aarch64.hint", [ir.Constant(ir.IntType(32), _ARM_YIELD)])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def give_way(typing_context):  # type: ignore[no-untyped-def]
    """Let another process have this CPU: sched_yield(2)."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def nap(typing_context, length_ns):  # type: ignore[no-untyped-def]
    """Sleep for `length_ns`, below a second: nanosleep(2)."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = ir.FunctionType(ir.IntType(32), [_WORD.as_pointer(), _WORD.as_pointer()])
        sleep = cgutils.get_or_insert_function(builder.module, kind, "nanosleep")
        length = cgutils.alloca_once(builder, _WORD, size=2)
        builder.store(ir.Constant(_WORD, 0), length)
        builder.store(arguments[0], builder.gep(length, [ir.Constant(ir.IntType(32), 1)]))
        builder.call(sleep, [length, ir.Constant(_WORD.as_pointer(), None)])
        return context.get_dummy_value()

    return types.void(types.int64), codegen


@intrinsic
def monotonic_ns(typing_context: Any) -> Any:
    """Nanoseconds of CLOCK_MONOTONIC: clock_gettime(2)."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = ir.FunctionType(ir.IntType(32), [ir.IntType(32), _WORD.as_pointer()])
        clock = cgutils.get_or_insert_function(builder.module, kind, "clock_gettime")
        moment = cgutils.alloca_once(builder, _WORD, size=2)
        builder.call(clock, [ir.Constant(ir.IntType(32), _CLOCK_MONOTONIC), moment])
        seconds = builder.load(moment, typ=_WORD)
        rest = builder.load(builder.gep(moment, [ir.Constant(ir.IntType(32), 1)]), typ=_WORD)
        return builder.add(builder.mul(seconds, ir.Constant(_WORD, 1_000_000_000)), rest)

    return types.int64(), codegen


@intrinsic
def copy_bytes(typing_context, target, source, count):  # type: ignore[no-untyped-def]
    """Copy `count` bytes between addresses that do not overlap."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        byte = ir.IntType(8).as_pointer()
        target, source, count = arguments
        cgutils.raw_memcpy(builder, builder.inttoptr(target, byte), builder.inttoptr(source, byte), count, 1)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), codegen
