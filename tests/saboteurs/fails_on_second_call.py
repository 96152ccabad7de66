"""Raises an exception in the second call."""

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "failed", "RuntimeError")


class FailsOnSecondCall(Control):
    """One call is no proof."""

    calls = 0

    def process(self, readings: Readings) -> Floats:
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError("no more")
        return super().process(readings)
