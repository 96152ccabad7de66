"""How a stream is played: its batches and windows, the memory layout, and the calls around each window."""

import random
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.stream import Stream
from harness.verify.scenarios import Step


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A way through a stream.

    Parameters
    ----------
    cuts : int64[b + 1]
        Positions at which batches begin.
    ends : int64[w]
        After how many batches each window closes.
    layout : "arrays", "records" or "mapped"
    flushed : bool
        Whether each window is flushed before it is closed, as when it is measured; else values may come later, and
        there are polls and histories in between.
    own_cuts : bool
        Whether `cuts` are others than the stream's.
    """

    cuts: NDArray[np.int64]
    ends: NDArray[np.int64]
    layout: str
    flushed: bool
    own_cuts: bool

    @classmethod
    def of(cls, stream: Stream, input_layout: str) -> "Course":
        """The stream as it is measured, for an implementation with that input layout."""
        layout = "mapped" if input_layout == "records" else "arrays"
        return cls(stream.cuts, stream.window_ends, layout, flushed=True, own_cuts=False)

    @property
    def batches(self) -> int:
        """How many batches there are."""
        return len(self.cuts) - 1

    def part(self, windows: int) -> "Course":
        """The first `windows` windows of it."""
        batches = int(self.ends[windows - 1])
        return replace(self, cuts=self.cuts[: batches + 1], ends=self.ends[:windows])

    def cut_otherwise(self, seed: str) -> "Course":
        """The same windows in other batches: a few tiny ones, else from a third of the longest to twice its length.

        The layout changes too: what is measured on arrays is given strided, what is measured on the file arrays.
        """
        chosen = random.Random(seed)
        cuts, ends = [0], []
        usual = max(1, int(np.diff(self.cuts).max()))
        tiny = [1, 2, 3, 1, 5, 8, 13, 64]
        for close in self.cuts[self.ends].tolist():
            while cuts[-1] < close:
                length = tiny.pop() if tiny and chosen.random() < 0.7 else chosen.randint(-(-usual // 3), 2 * usual)
                cuts.append(min(close, cuts[-1] + length))
            ends.append(len(cuts) - 1)
        layout = "arrays" if self.layout == "mapped" else "records"
        return Course(np.array(cuts, np.int64), np.array(ends, np.int64), layout, flushed=False, own_cuts=True)

    def steps(self, first: int, end: int) -> list[Step]:
        """The steps for batches `first` to `end`, with the windows that close among them."""
        found: list[Step] = []
        for close in self.ends[(self.ends > first) & (self.ends <= end)].tolist():
            found.append(("feed", first, close))
            found += [("flush",), ("close",)] if self.flushed else [("poll",), ("close",), ("history",)]
            first = close
        if first < end:
            found.append(("feed", first, end))
        if end == self.batches:
            found += [("flush",), ("history",), ("table",)]
        return found
