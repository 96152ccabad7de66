"""Pooled: aligned buffers that are lent, taken back and lent again."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from implementations.parts.aligned import CACHE_LINE_BYTES, aligned_bytes
from implementations.parts.protocols import Facts


class Pooled:
    """A pool of buffers in sizes that are powers of two, each beginning at a cache line.

    O(1) an array. What is asked for while no buffer of its size is free is a *miss* and allocates; a pool that
    has seen its largest call misses no more.

    >>> pool = Pooled()
    >>> for _ in range(3):
    ...     pool.reclaim()
    ...     lent = pool.lend(1000, "f4")
    >>> pool.facts()["buffer_misses"], pool.facts()["buffer_hits"]
    (1, 2)
    """

    def __init__(self) -> None:
        self._free: dict[int, list[NDArray[np.uint8]]] = {}
        self._lent: list[NDArray[np.uint8]] = []
        self._hits = 0
        self._misses = 0
        self._pool_bytes = 0

    def start(self, sensors: int, retain: int) -> None:
        """Begin with an empty pool."""
        self.stop()
        self._hits = self._misses = self._pool_bytes = 0

    def keep(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """A new aligned array outside the pool: it is never given back before the end."""
        return aligned_bytes(count * np.dtype(dtype).itemsize).view(dtype)

    def lend(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """A view of a free buffer of the next power of two, or of a new one."""
        size_bytes = count * np.dtype(dtype).itemsize
        class_bytes = max(CACHE_LINE_BYTES, 1 << (size_bytes - 1).bit_length()) if size_bytes else CACHE_LINE_BYTES
        free = self._free.setdefault(class_bytes, [])
        if free:
            self._hits += 1
            buffer = free.pop()
        else:
            self._misses += 1
            self._pool_bytes += class_bytes
            buffer = aligned_bytes(class_bytes)
        self._lent.append(buffer)
        return buffer[:size_bytes].view(dtype)

    def reclaim(self) -> None:
        """Put every lent buffer back on the free list of its size."""
        while self._lent:
            buffer = self._lent.pop()
            self._free[len(buffer)].append(buffer)

    def close_window(self) -> None:
        """Nothing lives as long as a window."""

    def stop(self) -> None:
        """Drop the pool."""
        self._free.clear()
        self._lent.clear()

    def facts(self) -> Facts:
        """Hits, misses and size of the pool."""
        return {"buffer_hits": self._hits, "buffer_misses": self._misses, "buffer_pool_bytes": self._pool_bytes}
