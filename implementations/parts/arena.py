"""Arena: bump allocation from one huge-page-backed block, freed at once when the window closes."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from implementations.parts.aligned import CACHE_LINE_BYTES, HUGE_PAGE_BYTES, huge_pages
from implementations.parts.protocols import Facts


class Arena:
    """One block of memory; an allocation moves a pointer, and closing the window moves it back.

    O(1) an array, no bookkeeping for a single one. The block is an anonymous mapping that asks for huge pages;
    only what is touched becomes resident. What is kept lies at its bottom, what is lent above. A window that
    lends more than `window_bytes` rewinds early, between two calls, when nothing lent is alive any more; a
    single call that needs more is served by a mapping of its own, and counted.

    Parameters
    ----------
    window_bytes
        Room for what one window lends.

    >>> arena = Arena(1 << 20)
    >>> arena.start(sensors=10, retain=100)
    >>> first, second = arena.lend(100, "f4"), arena.lend(100, "f4")
    >>> second.ctypes.data - first.ctypes.data, first.ctypes.data % 64
    (448, 0)
    >>> arena.reclaim()
    >>> arena.close_window()
    >>> arena.lend(100, "f4").ctypes.data == first.ctypes.data
    True
    """

    def __init__(self, window_bytes: int = 1 << 25) -> None:
        self._window_bytes = window_bytes
        self._block = np.empty(0, np.uint8)
        self._reset()

    def _reset(self) -> None:
        self._floor = 0
        """End of what is kept: where every window begins."""
        self._top = 0
        self._call_begin = 0
        self._largest_call = 0
        self._early_rewinds = 0
        self._overflows = 0
        self._peak = 0

    def start(self, sensors: int, retain: int) -> None:
        """Map the block: generous in addresses, resident only where it is touched."""
        self.stop()
        self._reset()
        self._block = huge_pages(self._window_bytes + 32 * retain + 512 * (sensors + 1) + HUGE_PAGE_BYTES)

    def keep(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """The next bytes of the block, never given back before `stop`."""
        size_bytes = count * np.dtype(dtype).itemsize
        if self._top + size_bytes + CACHE_LINE_BYTES > len(self._block):
            return huge_pages(size_bytes)[:size_bytes].view(dtype)
        kept = self._bump(count, dtype)
        self._floor = self._call_begin = self._top
        return kept

    def lend(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """The next bytes of the block."""
        return self._bump(count, dtype)

    def _bump(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        size_bytes = count * np.dtype(dtype).itemsize
        first = self._top
        self._top = first + -(-size_bytes // CACHE_LINE_BYTES) * CACHE_LINE_BYTES
        if self._top > len(self._block):
            self._overflows += 1
            return huge_pages(size_bytes)[:size_bytes].view(dtype)
        return self._block[first : first + size_bytes].view(dtype)

    def reclaim(self) -> None:
        """Note what the call used; rewind if the next one might not fit."""
        self._largest_call = max(self._largest_call, self._top - self._call_begin)
        self._peak = max(self._peak, self._top)
        if self._top + self._largest_call > len(self._block):
            self._early_rewinds += 1
            self._top = self._floor
        self._call_begin = self._top

    def close_window(self) -> None:
        """Free everything the window was lent, at once."""
        self._top = self._call_begin = self._floor

    def stop(self) -> None:
        """Let go of the block; it is unmapped with the last array in it."""
        self._block = np.empty(0, np.uint8)

    def facts(self) -> Facts:
        """How much of the block was used, and how often it did not suffice."""
        return {
            "arena_peak_bytes": max(self._peak, self._top),
            "arena_early_rewinds": self._early_rewinds,
            "arena_overflows": self._overflows,
        }
