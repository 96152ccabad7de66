"""Trickle: batches of 1 to 10 readings, so that the cost of a call is all there is."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings, Sensors, Size, Workload
from workloads.arrivals import poisson
from workloads.signals import Signals, below, bits, raw_words, uniform_rows

MOST = 10
"""Readings in the largest batch."""

_READINGS = {"tiny": 500, "small": 20_000, "medium": 200_000, "large": 1_000_000}
_RETAIN = {"tiny": 125, "small": 10_000, "medium": 50_000, "large": 200_000}
_AT_ONCE = 10_000


class Trickle(Workload):
    """Readings handed over as they come, arrivals Poisson: hard on whatever needs long batches to be quick.

    It is shorter than the other workloads of a size, because its work is counted in calls.
    """

    version = 1

    def size(self, name: str) -> Size:
        """The standard size with fewer readings, in batches of at most ten."""
        standard = super().size(name)
        return Size(name, _READINGS[name], standard.sensors, MOST, _RETAIN[name], standard.windows)

    def sensors(self, size: Size) -> Sensors:
        """The sensor table."""
        return Signals("trickle", self.version, size.sensors).table

    def readings(self, size: Size) -> Iterator[Readings]:
        """The stream, batch by batch; every length from 1 to the size's batch is as likely."""
        signals = Signals("trickle", self.version, size.sensors)
        source = bits("trickle", self.version, "batches")
        whole = Size(size.name, size.readings, size.sensors, _AT_ONCE, size.retain)
        for part in signals.readings(whole, uniform_rows(signals.count)):
            start = 0
            for length in (1 + below(raw_words(source, len(part)), size.batch)).tolist():
                yield part[start : start + length]
                start += length
                if start >= len(part):
                    break

    def arrivals(self, size: Size, offered_per_s: float) -> NDArray[np.int64]:
        """Poisson arrivals."""
        return poisson(bits("trickle", self.version, "arrivals"), size.readings, offered_per_s)

    def notes(self, size: Size) -> tuple[str, ...]:
        """That it is shorter and cut finer than the size is elsewhere."""
        return (f"batches of 1 to {size.batch}; {size.readings:,} readings, fewer than the standard {size.name} size",)
