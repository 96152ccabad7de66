"""Right for as long as a warm-up and a proof take, wrong afterwards."""

from harness.contract import Floats, Readings, Sensors
from harness.control import Control

EXPECTED = ("timed", "wrong", "values_calibrated")
_CALLS_RIGHT = 300


class WrongLater(Control):
    """After a while it hands back what it is given."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.calls = 0

    def process(self, readings: Readings) -> Floats:
        self.calls += 1
        values = super().process(readings)
        return values if self.calls <= _CALLS_RIGHT else readings.value.copy()
