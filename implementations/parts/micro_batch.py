"""Micro-batches: readings collected until there are enough of them or the first has waited long enough."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from harness.contract import Readings


class MicroBatches:
    """Collects readings into batches of a set size or age.

    Parameters
    ----------
    size
        A batch is full with so many readings.
    interval_s
        A batch is due when its first reading has waited so long.
    now
        The clock, in seconds.

    Examples
    --------
    >>> collected = MicroBatches(size=2, interval_s=60)
    >>> three = Readings(np.array([1, 2, 3], "u4"), np.arange(3), np.zeros(3, "f4"))
    >>> [batch.sensor_id.tolist() for batch in collected.add(three)]
    [[1, 2]]
    >>> [batch.sensor_id.tolist() for batch in collected.rest()]
    [[3]]
    """

    def __init__(self, size: int, interval_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._interval_s = interval_s
        self._now = now
        self._parts: list[Readings] = []
        self._collected = 0
        self._since_s = 0.0

    def add(self, readings: Readings) -> Iterator[Readings]:
        """Copy `readings` and yield the batches that are full, then the one that is due."""
        first = 0
        while first < len(readings):
            if not self._parts:
                self._since_s = self._now()
            part = readings[first : first + self._size - self._collected]
            self._parts.append(Readings(part.sensor_id.copy(), part.time.copy(), part.value.copy()))
            self._collected += len(part)
            first += len(part)
            if self._collected == self._size:
                yield from self.rest()
        if self._parts and self._now() - self._since_s >= self._interval_s:
            yield from self.rest()

    def rest(self) -> Iterator[Readings]:
        """Yield what has been collected, if anything, however little it is."""
        parts, self._parts, self._collected = self._parts, [], 0
        if parts:
            columns = ([getattr(part, name) for part in parts] for name in ("sensor_id", "time", "value"))
            yield Readings(*(np.concatenate(column) for column in columns))
