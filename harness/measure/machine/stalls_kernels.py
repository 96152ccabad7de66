"""The idle loop: reads the clock as fast as it can and notes every gap. Imports Numba; :mod:`.stalls` calls it."""

import sys
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

_CLOCK_MONOTONIC = 6 if sys.platform == "darwin" else 1
"""The clock behind ``time.perf_counter_ns`` and ``time.monotonic_ns`` on Linux: its times compare with theirs."""


@intrinsic  # type: ignore[untyped-decorator]
def monotonic_ns(typing_context: Any) -> Any:
    """Nanoseconds of CLOCK_MONOTONIC by clock_gettime(2), without the interpreter."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.IntType(32), [ir.IntType(32), word.as_pointer()])
        clock = cgutils.get_or_insert_function(builder.module, kind, "clock_gettime")
        moment = cgutils.alloca_once(builder, word, size=2)
        builder.call(clock, [ir.Constant(ir.IntType(32), _CLOCK_MONOTONIC), moment])
        seconds = builder.load(moment)
        rest = builder.load(builder.gep(moment, [ir.Constant(ir.IntType(32), 1)]))
        return builder.add(builder.mul(seconds, ir.Constant(word, 1_000_000_000)), rest)

    return types.int64(), generate


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def idle(
    until_ns: int,
    threshold_ns: int,
    stop: NDArray[np.int64],
    starts_ns: NDArray[np.int64],
    gaps_ns: NDArray[np.int64],
    summary: NDArray[np.int64],
) -> None:
    """Loop until `until_ns` or until ``stop[0]`` is set.

    Parameters
    ----------
    starts_ns, gaps_ns : int64[capacity]
        Filled with when the gaps above `threshold_ns` began and how long they were.
    summary : int64[5]
        Filled with: looks at the clock, gaps found (also those beyond the capacity), longest gap, first and last look.
    """
    first_ns = monotonic_ns()
    before_ns = first_ns
    looks = 0
    found = 0
    longest_ns = 0
    while before_ns < until_ns and stop[0] == 0:
        now_ns = monotonic_ns()
        gap_ns = now_ns - before_ns
        if gap_ns > threshold_ns:
            if found < len(gaps_ns):
                starts_ns[found] = before_ns
                gaps_ns[found] = gap_ns
            found += 1
            longest_ns = max(longest_ns, gap_ns)
        looks += 1
        before_ns = now_ns
    summary[0] = looks
    summary[1] = found
    summary[2] = longest_ns
    summary[3] = first_ns
    summary[4] = before_ns
