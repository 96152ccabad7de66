"""Adds up in float32."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "sums_bounded")


class SumsInFloat32(Control):
    """Half the memory for the sums, half the digits."""

    def add_up(self, rows: NDArray[np.int64], calibrated: Floats) -> None:
        before = self.sum.astype(np.float32)
        super().add_up(rows, calibrated)
        np.add.at(before, rows, calibrated)
        self.sum = before.astype(np.float64)
