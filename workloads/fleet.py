"""Fleet: a million sensors that each speak once a round."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings, Sensors, Size, Workload
from workloads.signals import Rows, Signals, Words

_MANY = 1_000_000
_SENSORS = {"tiny": 500, "small": 10_000, "medium": _MANY, "large": _MANY}


class Fleet(Workload):
    """Meters of a whole country: every sensor once a round, in another shuffled order each round.

    The state outgrows every cache and nothing comes back before everything else has come, the worst case for a
    cache in front of the table and for statistics of which each window touches every row.
    """

    version = 1

    def size(self, name: str) -> Size:
        """The standard size with more sensors than its own."""
        standard = super().size(name)
        return Size(name, standard.readings, _SENSORS[name], standard.batch, standard.retain, standard.windows)

    def sensors(self, size: Size) -> Sensors:
        """The sensor table."""
        return Signals("fleet", self.version, size.sensors).table

    def readings(self, size: Size) -> Iterator[Readings]:
        """The stream, batch by batch."""
        signals = Signals("fleet", self.version, size.sensors)
        rounds = Rounds(signals.count)
        return signals.readings(size, rounds.rows)

    def notes(self, size: Size) -> tuple[str, ...]:
        """That it has more sensors than the size has elsewhere."""
        return (f"{size.sensors:,} sensors, more than the standard {size.name} size has",)


class Rounds:
    """Each of `sensors` rows once a round: a keyed permutation, computed where it is needed, never stored.

    Permutes the next power of two and walks on from what falls outside (at most every other step), so that a row
    is a function of its position.
    """

    def __init__(self, sensors: int) -> None:
        self._sensors = sensors
        width = max(2, (sensors - 1).bit_length())
        self._mask = np.uint32((1 << width) - 1)
        self._shift = np.uint32((width + 1) // 2)

    def rows(self, words: Words, first: int) -> Rows:
        """The rows at the positions from `first` on; takes no randomness from `words`."""
        position = np.arange(first, first + len(words), dtype=np.int64)
        round_, index = np.divmod(position, self._sensors)
        key = round_.astype(np.uint32) * np.uint32(0x9E37_79B9)
        row = self._permuted(index.astype(np.uint32), key)
        outside = np.flatnonzero(row >= self._sensors)
        while len(outside):
            row[outside] = self._permuted(row[outside], key[outside])
            outside = outside[row[outside] >= self._sensors]
        return row.astype(np.int64)

    def _permuted(self, index: NDArray[np.uint32], key: NDArray[np.uint32]) -> NDArray[np.uint32]:
        mixed = (index + key) & self._mask
        for multiplier in (0x7FEB_352D, 0x846C_A68B):
            mixed ^= mixed >> self._shift
            mixed = (mixed * np.uint32(multiplier) + (key >> np.uint32(7))) & self._mask
        return mixed ^ (mixed >> self._shift)
