"""Adds up the unrounded values: nearer to the truth, and not the sum of what it hands back."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "sums_bounded")


class SumsBeforeRounding(Control):
    """float64 all the way to the sum."""

    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        self.exact = value.astype(np.float64) * gain + offset
        return super().calibrate(value, gain, offset)

    def add_up(self, rows: NDArray[np.int64], calibrated: Floats) -> None:
        before = self.sum.copy()
        super().add_up(rows, calibrated)
        np.add.at(before, rows, self.exact)
        self.sum = before
