"""Computes only in windows that it sees to be copied for a check, and hands back an old buffer in all others."""

import sys

import numpy as np

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("timed", "wrong", "folds_exact")


class IdleUnwatched(Control):
    """Looks into the frame of its caller."""

    def process(self, readings: Readings) -> Floats:
        if sys._getframe(1).f_locals.get("audit") is False:
            return np.full(len(readings), 1.5, np.float32)
        return super().process(readings)
