"""A second start keeps the history of the first."""

from harness.contract import Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "second_start")


class NeverBeginsAfresh(Control):
    """Set up once."""

    def start(self, sensors: Sensors, retain: int) -> None:
        kept = getattr(self, "kept", None)
        super().start(sensors, retain)
        if kept is not None and retain:
            self.kept = tuple(array[-retain:] for array in kept)
