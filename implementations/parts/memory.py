"""Memory: where a processor's arrays come from.

Fresh and Reused are here; Pooled and Arena have files of their own.
"""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from implementations.parts.aligned import aligned_bytes
from implementations.parts.arena import Arena
from implementations.parts.pooled import Pooled
from implementations.parts.protocols import Facts

__all__ = ["Arena", "Fresh", "Pooled", "Reused"]


class Fresh:
    """Every array new from NumPy's allocator: the ordinary way.

    O(1) an array; large ones come as untouched pages from the system and go back to it each time.
    """

    def start(self, sensors: int, retain: int) -> None:
        """Nothing to prepare."""

    def keep(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """A new array."""
        return np.empty(count, dtype)

    def lend(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """A new array."""
        return np.empty(count, dtype)

    def reclaim(self) -> None:
        """Left to reference counting."""

    def close_window(self) -> None:
        """Nothing lives as long as a window."""

    def stop(self) -> None:
        """Nothing is held."""

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}


class Reused(Fresh):
    """The k-th array of every call is the same buffer, as large as the largest that was asked for.

    No allocation once the largest batch has been seen; buffers begin at cache lines.
    """

    def __init__(self) -> None:
        self._buffers: list[NDArray[np.uint8]] = []
        self._next = 0

    def lend(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """A view of this call's next buffer."""
        size_bytes = count * np.dtype(dtype).itemsize
        if self._next == len(self._buffers):
            self._buffers.append(aligned_bytes(size_bytes))
        elif len(self._buffers[self._next]) < size_bytes:
            self._buffers[self._next] = aligned_bytes(size_bytes)
        buffer = self._buffers[self._next]
        self._next += 1
        return buffer[:size_bytes].view(dtype)

    def keep(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """A new array that begins at a cache line."""
        return aligned_bytes(count * np.dtype(dtype).itemsize).view(dtype)

    def reclaim(self) -> None:
        """Begin with the first buffer again."""
        self._next = 0

    def stop(self) -> None:
        """Drop the buffers."""
        self._buffers.clear()
        self._next = 0
