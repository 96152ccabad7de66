"""Compiled parts of the open loop; imported only where one runs."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from harness.measure.machine.stalls_kernels import monotonic_ns


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def arrived_by(base_ns: NDArray[np.int64], period_ns: int, total: int, elapsed_ns: int) -> int:
    """How many of `total` readings were to arrive by `elapsed_ns`, the arrivals of a pass being `base_ns`. O(log n)."""
    if elapsed_ns < 0:
        return 0
    passes = elapsed_ns // period_ns
    within_ns = elapsed_ns - passes * period_ns
    low, high = 0, len(base_ns)
    while low < high:
        middle = (low + high) >> 1
        if base_ns[middle] <= within_ns:
            low = middle + 1
        else:
            high = middle
    return min(total, passes * len(base_ns) + low)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def spin_until(until_ns: int) -> int:
    """Look at the clock until it shows `until_ns`, without the interpreter's lock; return what it shows."""
    now_ns: int = monotonic_ns()
    while now_ns < until_ns:
        now_ns = monotonic_ns()
    return now_ns
