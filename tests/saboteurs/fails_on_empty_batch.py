"""Cannot do with an empty batch."""

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "failed", "IndexError")


class FailsOnEmptyBatch(Control):
    """Looks at the first reading without asking whether there is one."""

    def process(self, readings: Readings) -> Floats:
        self.since = int(readings.time[0])
        return super().process(readings)
