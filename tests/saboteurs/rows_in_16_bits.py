"""Keeps rows in 16 bits, which is enough for most tables."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings
from harness.control import Control

EXPECTED = ("verify", "wrong", "many_sensors")


class RowsIn16Bits(Control):
    """Half the memory for the index."""

    def rows_of(self, readings: Readings) -> NDArray[np.int64]:
        rows = super().rows_of(readings)
        return np.where(rows < 0, rows, rows & 0xFFFF)
