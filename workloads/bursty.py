"""Bursty: a quiet stream with tenfold bursts."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings, Sensors, Size, Workload
from workloads.arrivals import weighted
from workloads.signals import EPOCH_NS, SPACING_NS, Rows, Signals, Words, below, bits, raw_words

BURST_FACTOR = 10
"""How much faster readings come in a burst than between bursts."""

_CYCLES = 100
_GROUPS = 16


class Bursty(Workload):
    """A hundred bursts a stream, half of all readings in an eleventh of the time, each from a sixteenth of the sensors.

    An alarm spreads through one part of a plant while the rest murmurs on. Hard on latency, for a queue grows in
    each burst, and on whatever was sized for the mean rate.
    """

    version = 1

    def sensors(self, size: Size) -> Sensors:
        """The sensor table."""
        return Signals("bursty", self.version, size.sensors).table

    def readings(self, size: Size) -> Iterator[Readings]:
        """The stream, batch by batch; times follow the bursts at the nominal mean rate."""
        signals = Signals("bursty", self.version, size.sensors)
        bursts = Bursts(size.readings, self.version)
        return signals.readings(size, lambda *given: bursts.rows(signals.count, *given), bursts.times)

    def arrivals(self, size: Size, offered_per_s: float) -> NDArray[np.int64]:
        """Tenfold bursts at the positions where the content has them; the mean rate is kept."""
        in_burst = Bursts(size.readings, self.version).contain(np.arange(size.readings, dtype=np.int64))
        return weighted(np.where(in_burst, 1.0, float(BURST_FACTOR)), offered_per_s)


class Bursts:
    """Where the bursts lie: cycles of equal length, each half burst, at a seeded place within its cycle.

    Parameters
    ----------
    readings
        Length of the stream.
    version
        Part of the seed.
    """

    def __init__(self, readings: int, version: int) -> None:
        self._cycle = max(2, readings // _CYCLES)
        self._length = self._cycle // 2
        cycles = -(-readings // self._cycle) + 1
        self._begin = below(raw_words(bits("bursty", version, "bursts"), cycles), self._cycle - self._length + 1)
        # A reading in a burst follows the one before by one unit, another by ten.
        self._unit_ns = SPACING_NS * 2 // (1 + BURST_FACTOR)

    def contain(self, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the reading at each of `positions` belongs to a burst."""
        cycle, offset = np.divmod(positions, self._cycle)
        within = offset - self._begin[cycle]
        return (within >= 0) & (within < self._length)

    def rows(self, sensors: int, words: Words, first: int) -> Rows:
        """Any row in quiet times; in a burst the rows of one group, another one from burst to burst."""
        positions = np.arange(first, first + len(words), dtype=np.int64)
        groups = min(_GROUPS, sensors)
        of_group = below(words, sensors // groups) * groups + positions // self._cycle % groups
        return np.where(self.contain(positions), of_group, below(words, sensors))

    def times(self, words: Words, first: int) -> NDArray[np.int64]:
        """Increasing times in ns, dense in bursts, each up to half the smallest gap late."""
        positions = np.arange(first, first + len(words), dtype=np.int64)
        cycle, offset = np.divmod(positions, self._cycle)
        hurried = cycle * self._length + np.clip(offset - self._begin[cycle] + 1, 0, self._length)
        jitter = below(words << np.uint64(16), self._unit_ns // 2)
        jitter += EPOCH_NS + self._unit_ns * (BURST_FACTOR * positions - (BURST_FACTOR - 1) * hurried)
        return jitter
