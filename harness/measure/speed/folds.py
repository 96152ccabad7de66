"""Folds: what a window handed back, as a few sums, so that every window on the clock can be checked.

Copying everything would take memory and caches from the implementation; a fold takes one pass over what is in the cache
anyway, off the clock. Who knows what must come, knows its fold (:mod:`harness.verify.timed`); who does not compute it
cannot give it.
"""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Statistics

FOLD_DTYPE = np.dtype(
    [
        ("values", "i8"),
        ("value_bits", "u8"),
        ("accepted", "i8"),
        ("rejected", "i8"),
        ("sum", "f8"),
        ("minimum_bits", "u8"),
        ("maximum_bits", "u8"),
        ("last_bits", "u8"),
    ]
)
"""Of one window: how many values and the sum of their bits; of all sensors the sums of counts and sums, and of the bits
of minimum, maximum and last; unmatched and invalid readings together."""

_ROOM = 4096
"""Values that are gathered before they are added up: 16 KB, a third of a first-level cache."""

_BIGGEST = np.float32(np.inf)


def bits_of(values: Floats) -> int:
    """The sum of the bits of float32 `values`, every NaN as one and the same."""
    return _added_up(np.fmin(values, _BIGGEST))


def extremes_bits_of(values: Floats) -> int:
    """The same of minima or maxima, in which the sign of a zero is free."""
    return _added_up(values + np.float32(0))


def _added_up(values: Floats) -> int:
    return int(np.add.reduce(np.ascontiguousarray(values).view(np.uint32), dtype=np.uint64))


class Folding:
    """Folds window after window; the cost is about 0.5 ns a value and 1 us a call, and no memory to speak of."""

    def __init__(self) -> None:
        self._room = np.empty(_ROOM, np.float32)
        self._filled = 0
        self._values = 0
        self._bits = 0
        self._windows: list[tuple[int | float, ...]] = []

    def add(self, values: Floats) -> None:
        """Take in what a call handed back."""
        start, count = 0, len(values)
        while start < count:
            end = min(count, start + _ROOM - self._filled)
            filled = self._filled + end - start
            np.fmin(values[start:end], _BIGGEST, out=self._room[self._filled : filled])
            self._filled, start = filled, end
            if filled == _ROOM:
                self._settle()
        self._values += count

    def _settle(self) -> None:
        self._bits += _added_up(self._room[: self._filled])
        self._filled = 0

    def close(self, statistics: Statistics) -> None:
        """End a window with what `close_window` handed back."""
        self._settle()
        seen = statistics.count > 0
        self._windows.append(
            (
                self._values,
                self._bits,
                int(np.add.reduce(statistics.count)),
                int(statistics.unmatched) + int(statistics.invalid),
                float(np.add.reduce(statistics.sum)),
                extremes_bits_of(statistics.minimum[seen]),
                extremes_bits_of(statistics.maximum[seen]),
                bits_of(statistics.last[seen]),
            )
        )
        self._values = self._bits = 0

    def taken(self) -> tuple[int, int]:
        """How many values the open window has handed back, and the sum of their bits."""
        self._settle()
        return self._values, self._bits

    def windows(self) -> NDArray[np.void]:
        """The folds of all windows: FOLD_DTYPE[w]."""
        return np.array(self._windows, FOLD_DTYPE)
