"""Whole pages of zeroed memory straight from the system, huge ones if asked for."""

import contextlib
import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

HUGE_PAGE_BYTES = 1 << 21
_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
"""By default the mapping would be shared, and Linux gives shared memory no huge pages."""


def zeroed_pages(size_bytes: int, *, huge: bool) -> NDArray[np.uint8]:
    """uint8[size_bytes], zero, that begins at a page and becomes resident as it is touched.

    A huge page needs an aligned stretch of its own, so that small requests never get one; where the system has none
    to give (``MADV_HUGEPAGE`` is Linux's, and may be switched off), ordinary pages serve.

    >>> memory = zeroed_pages(1000, huge=True)
    >>> len(memory), int(memory.max()), memory.ctypes.data % 4096
    (1000, 0, 0)
    """
    wants_huge = huge and size_bytes >= HUGE_PAGE_BYTES // 2
    whole = max(size_bytes, 1) + (HUGE_PAGE_BYTES if wants_huge else 0)
    mapping = mmap.mmap(-1, whole, **_PRIVATE)
    if wants_huge:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            mapping.madvise(mmap.MADV_HUGEPAGE)
    memory = np.frombuffer(mapping, np.uint8)
    first = -memory.ctypes.data % HUGE_PAGE_BYTES if wants_huge else 0
    return memory[first : first + size_bytes]


def zeroed_column(count: int, dtype: DTypeLike, *, huge: bool) -> NDArray[Any]:
    """`count` zeros of `dtype` on pages of their own."""
    return zeroed_pages(count * np.dtype(dtype).itemsize, huge=huge).view(dtype)
