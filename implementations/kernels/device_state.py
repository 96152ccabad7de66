"""Reads the state that a device hands home: one pass over 32 bytes a sensor, where NumPy would take a dozen."""

import numpy as np
from numba import njit

_NAN = np.float32(np.nan)
_LOW = np.uint64(0xFFFF_FFFF)
_MAGNITUDE = np.int32(0x7FFF_FFFF)


@njit(cache=True, nogil=True)
def unpack(words, sums, halves, count, sum_, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Fill statistics (five arrays of S) from a state that is seen three ways.

    `words` is uint64[S, 4], `sums` float64[S, 4] and `halves` int32[S, 8]: see `device_layout.STATE_DTYPE`.
    """
    bits = last.view(np.uint32)
    low, high = minimum.view(np.int32), maximum.view(np.int32)
    for row in range(len(count)):
        count[row] = words[row, 1]
        sum_[row] = sums[row, 0]
        if words[row, 1] == 0:
            minimum[row] = maximum[row] = last[row] = _NAN
            continue
        bits[row] = np.uint32(words[row, 2] & _LOW)
        least, greatest = halves[row, 6], halves[row, 7]
        low[row] = least ^ _MAGNITUDE if least < 0 else least
        high[row] = greatest ^ _MAGNITUDE if greatest < 0 else greatest
