"""Counts in memory that it takes for zeros because fresh memory mostly is."""

import numpy as np

from harness.control import Control

EXPECTED = ("verify", "wrong", "counts_exact")


class TrustsBlankMemory(Control):
    """numpy.empty where numpy.zeros was meant."""

    def open_window(self) -> None:
        super().open_window()
        self.block = np.empty(1 << 20, np.int64)
        self.count = self.block[: len(self.sensors)]
