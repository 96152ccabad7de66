"""Compiled part of a timed consumer; imported only where one runs."""

import numpy as np
from numba import from_dtype, njit, types, uint64, void
from numpy.typing import NDArray

PLACE, SUM, WEIGHED = range(3)
"""What `add_up` keeps: readings so far, the sum of their words, and that of each word times its place."""

_COLUMNS = ("uint32", "int64", "float32")
_SUMS = types.Array(uint64, 1, "C")


def _given(layout: str) -> tuple[types.Array, ...]:
    return tuple(types.Array(from_dtype(np.dtype(name)), 1, layout, readonly=True) for name in _COLUMNS)


@njit([void(_SUMS, *_given(layout)) for layout in "CA"], cache=True, nogil=True)  # type: ignore[untyped-decorator]
def add_up(
    sums: NDArray[np.uint64], sensor_id: NDArray[np.uint32], time: NDArray[np.int64], value: NDArray[np.float32]
) -> None:
    """Add every bit of the readings to `sums`, weighed by its place."""
    place, total, weighed = sums[PLACE], np.uint64(0), np.uint64(0)
    for index in range(len(time)):
        bits = np.float32(value[index]).view(np.uint32)
        word = np.uint64(time[index]) ^ (np.uint64(sensor_id[index]) << np.uint64(32)) ^ np.uint64(bits)
        total += word
        weighed += word * (place + np.uint64(index))
    sums[PLACE] = place + np.uint64(len(time))
    sums[SUM] += total
    sums[WEIGHED] += weighed
