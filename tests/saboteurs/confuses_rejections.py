"""Counts a reading that is both unmatched and invalid as invalid."""

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "wrong", "all_rejected")


class ConfusesRejections(Control):
    """Looks at the value before the id."""

    def process(self, readings: Readings) -> Floats:
        both = (self.rows_of(readings) < 0) & ~self.is_valid(readings.value)
        self.unmatched -= int(both.sum())
        self.invalid += int(both.sum())
        return super().process(readings)
