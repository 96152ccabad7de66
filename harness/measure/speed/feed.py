"""What a worker is fed while it is measured: whole windows of a stream, new to it each time.

The stream is passed over again and again. Each pass begins at another reading until all had their turn; where all
batches are of one length, none comes again before as many passes as it has readings. Windows are staged in turn into
two buffers, so that the same memory never holds the same content twice in a row.
"""

import itertools
import math
import mmap
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Readings
from harness.stream import Stream, pieces_of

_GOLDEN_SHARE = 0.6180339887498949
_SLABS = 2


@cache
def _stride(stream_length: int) -> int:
    """The whole number nearest to the golden share of `stream_length` that has no divisor in common with it."""
    middle = round(stream_length * _GOLDEN_SHARE)
    near = (middle + side for step in itertools.count() for side in (-step, step))
    return next(stride for stride in near if math.gcd(stride, stream_length) == 1)


def first_position(stream_length: int, pass_index: int) -> int:
    """Where pass `pass_index` over a stream begins: spread by the golden ratio, each reading once before any again.

    >>> [first_position(8, pass_index) for pass_index in range(9)]
    [0, 5, 2, 7, 4, 1, 6, 3, 0]
    """
    return pass_index * _stride(stream_length) % stream_length


@dataclass(frozen=True, slots=True)
class Window:
    """Which readings of the (cyclic) stream a window holds: where it begins, and the length of each batch."""

    first_position: int
    batch_lengths: tuple[int, ...]

    @property
    def readings(self) -> int:
        """How many readings it holds."""
        return sum(self.batch_lengths)


def window_at(stream: Stream, index: int) -> Window:
    """The window that comes at `index` of the endless sequence of windows over all passes."""
    pass_index, window = divmod(index, len(stream.window_ends))
    first_batch = int(stream.window_ends[window - 1]) if window else 0
    cuts = stream.cuts[first_batch : int(stream.window_ends[window]) + 1]
    first = (first_position(len(stream), pass_index) + int(cuts[0])) % len(stream)
    return Window(first, tuple(np.diff(cuts).tolist()))


class Feed:
    """Hands out windows in order, staged outside the timer.

    Parameters
    ----------
    stream : Stream
    layout : "arrays" or "records"
        Contiguous arrays in buffers of the feed, or strided views straight into the mapped file.
    """

    def __init__(self, stream: Stream, layout: Literal["arrays", "records"]) -> None:
        self.stream = stream
        self.layout = layout
        self.index = 0
        self._slabs: list[dict[str, NDArray[Any]]] = [{} for _ in range(_SLABS)]
        self._turn = 0

    def reserve(self, windows: int) -> None:
        """Make and touch the buffers for samples of `windows` windows, so that they are there from the start."""
        if self.layout == "arrays":
            most = max(window_at(self.stream, step).readings for step in range(len(self.stream.window_ends)))
            for _ in range(_SLABS):
                for array in self._slab(most * windows).values():
                    array.fill(0)

    def buffers(self) -> list[NDArray[Any]]:
        """The arrays that batches are staged in, once they are reserved; none where nothing is staged."""
        return [array for slab in self._slabs for array in slab.values()]

    def release(self) -> None:
        """Give the pages of the mapped input back: they are the caller's, not the implementation's."""
        mapped: object = self.stream.records.base
        if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def take(self, windows: int) -> tuple[list[Window], list[list[Readings]]]:
        """The next `windows` windows and their batches, valid until the call after the next."""
        taken = [window_at(self.stream, self.index + step) for step in range(windows)]
        self.index += windows
        if self.layout == "records":
            return taken, [self._mapped(window) for window in taken]
        slab = self._slab(sum(window.readings for window in taken))
        staged, start = [], 0
        for window in taken:
            batches = []
            end = start + window.readings
            self._fill(slab, start, window)
            for length in window.batch_lengths:
                part = slice(start, start + length)
                batches.append(Readings(slab["sensor_id"][part], slab["time"][part], slab["value"][part]))
                start += length
            assert start == end
            staged.append(batches)
        return taken, staged

    def _slab(self, readings: int) -> dict[str, NDArray[Any]]:
        self._turn = (self._turn + 1) % _SLABS
        slab = self._slabs[self._turn]
        if not slab or len(slab["time"]) < readings:
            slab.update({name: np.empty(readings, RECORD_DTYPE[name]) for name in ("sensor_id", "time", "value")})
        return slab

    def _fill(self, slab: dict[str, NDArray[Any]], start: int, window: Window) -> None:
        for piece in pieces_of(self.stream.records, window.first_position, window.readings):
            for name, array in slab.items():
                array[start : start + len(piece)] = piece[name]
            start += len(piece)

    def _mapped(self, window: Window) -> list[Readings]:
        batches, first = [], window.first_position
        for length in window.batch_lengths:
            pieces = pieces_of(self.stream.records, first, length)
            records = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
            batches.append(Readings.of_records(records))
            first += length
        return batches
