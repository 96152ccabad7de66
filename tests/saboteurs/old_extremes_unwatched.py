"""Hands back right values, counts and sums, but minima and maxima of an earlier window, where nothing is copied."""

import sys

from harness.contract import Statistics
from harness.control import Control

EXPECTED = ("timed", "wrong", "folds_exact")


class OldExtremesUnwatched(Control):
    """Looks into the frame of its caller."""

    old: Statistics | None = None

    def close_window(self) -> Statistics:
        found = super().close_window()
        if sys._getframe(1).f_locals.get("audit") is not False:
            return found
        if self.old is None or len(self.old.count) != len(found.count):
            self.old = found
        return Statistics(
            found.count, found.sum, self.old.minimum, self.old.maximum, found.last, found.unmatched, found.invalid
        )
