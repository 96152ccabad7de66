"""Remembers answers by where the input lies, not by what it holds."""

from harness.contract import Floats, Readings, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "values_calibrated")


class RemembersByIdentity(Control):
    """A cache that is always hit by a caller who reuses his buffers."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.known: dict[tuple[int, int], Floats] = {}

    def process(self, readings: Readings) -> Floats:
        if not len(readings):
            return super().process(readings)
        key = (readings.value.__array_interface__["data"][0], len(readings))
        if key not in self.known:
            self.known[key] = super().process(readings)
        return self.known[key]
