"""Steady: every sensor as busy as any other, at an even pace."""

from collections.abc import Iterator

from harness.contract import Readings, Sensors, Size, Workload
from workloads.signals import Signals, uniform_rows


class Steady(Workload):
    """The plain case: sensors chosen uniformly, so that a table that outgrows a cache misses it on every reading."""

    version = 1

    def sensors(self, size: Size) -> Sensors:
        """The sensor table."""
        return Signals("steady", self.version, size.sensors).table

    def readings(self, size: Size) -> Iterator[Readings]:
        """The stream, batch by batch."""
        signals = Signals("steady", self.version, size.sensors)
        return signals.readings(size, uniform_rows(signals.count))
