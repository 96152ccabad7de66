"""Bytes that begin at a cache line, which NumPy's own arrays do not."""

import numpy as np
from numpy.typing import NDArray

CACHE_LINE_BYTES = 64


def aligned_bytes(size_bytes: int) -> NDArray[np.uint8]:
    """A new uint8[size_bytes] whose address is a multiple of 64.

    >>> aligned_bytes(1000).ctypes.data % 64
    0
    """
    raw = np.empty(size_bytes + CACHE_LINE_BYTES, np.uint8)
    first = -raw.ctypes.data % CACHE_LINE_BYTES
    return raw[first : first + size_bytes]
