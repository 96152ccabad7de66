"""Bytes that begin where they should: at a cache line, which NumPy's own arrays do not, or at a page."""

import contextlib
import mmap

import numpy as np
from numpy.typing import NDArray

CACHE_LINE_BYTES = 64
HUGE_PAGE_BYTES = 1 << 21


def aligned_bytes(size_bytes: int) -> NDArray[np.uint8]:
    """A new uint8[size_bytes] whose address is a multiple of 64.

    >>> aligned_bytes(1000).ctypes.data % 64
    0
    """
    raw = np.empty(size_bytes + CACHE_LINE_BYTES, np.uint8)
    first = -raw.ctypes.data % CACHE_LINE_BYTES
    return raw[first : first + size_bytes]


def huge_pages(size_bytes: int) -> NDArray[np.uint8]:
    """At least `size_bytes` zeros at a boundary of 2 MiB, on huge pages if the system has them.

    >>> huge_pages(1000).ctypes.data % HUGE_PAGE_BYTES
    0
    """
    rounded = -(-max(size_bytes, 1) // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES
    raw = _anonymous(rounded + HUGE_PAGE_BYTES, "MADV_HUGEPAGE")
    first = -raw.ctypes.data % HUGE_PAGE_BYTES
    return raw[first : first + rounded]


def small_pages(size_bytes: int) -> NDArray[np.uint8]:
    """`size_bytes` zeros of which exactly the touched 4 KiB pages are resident: room to reserve, not to fill.

    >>> int(small_pages(1000).sum())
    0
    """
    return _anonymous(max(size_bytes, 1), "MADV_NOHUGEPAGE")[:size_bytes]


def _anonymous(size_bytes: int, advice: str) -> NDArray[np.uint8]:
    """An anonymous mapping, unmapped when the last array in it is gone."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)
    mapping = mmap.mmap(-1, size_bytes, flags=flags)
    if hasattr(mmap, advice):
        with contextlib.suppress(OSError):  # a kernel without transparent huge pages knows neither advice
            mapping.madvise(getattr(mmap, advice))
    return np.frombuffer(mapping, np.uint8)
