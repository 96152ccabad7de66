"""Which registers a vector of sixteen lanes becomes on this machine: read from machine code made for the purpose."""

import re
from functools import cache

from numba import njit, types, void

from implementations.kernels.vectors import load_f32, store

_KINDS = (
    (r"\bzmm\d", "zmm (512 bits)"),
    (r"\bymm\d", "ymm (256 bits)"),
    (r"\bxmm\d", "xmm (128 bits)"),
    (r"\b[zv]\d+\.[0-9]*[bhsd]\b", "v (128 bits)"),
)


def widest_in(assembly: str) -> str:
    """The widest vector registers that an assembly text names.

    >>> widest_in("vaddps %zmm1, %zmm0, %zmm0"), widest_in("fadd v0.4s, v0.4s, v1.4s"), widest_in("ret")
    ('zmm (512 bits)', 'v (128 bits)', 'none')
    """
    return next((name for pattern, name in _KINDS if re.search(pattern, assembly)), "none")


@cache
def widest_registers() -> str:
    """What the vectors of the compiled loops are held in; compiles one addition, a tenth of a second, once."""

    @njit([void(types.intp)])
    def add(address):  # type: ignore[no-untyped-def]
        store(address, load_f32(address) + load_f32(address))

    return widest_in("\n".join(add.inspect_asm().values()))
