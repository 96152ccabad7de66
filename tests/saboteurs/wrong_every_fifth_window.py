"""Right in four windows of five, once the proof is over: a check of a few may miss it, a check of all does not."""

from harness.contract import Floats, Readings, Sensors, Statistics
from harness.control import Control

EXPECTED = ("timed", "wrong", "folds_exact or values_calibrated")
_WINDOWS_RIGHT = 60


class WrongEveryFifthWindow(Control):
    """Hands back the raw values in every fifth window."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.windows = 0

    def close_window(self) -> Statistics:
        self.windows += 1
        return super().close_window()

    def process(self, readings: Readings) -> Floats:
        values = super().process(readings)
        is_wrong = self.windows > _WINDOWS_RIGHT and self.windows % 5 == 0
        return readings.value.copy() if is_wrong else values
