"""Rounds once in long batches and twice in short ones."""

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "cut_does_not_matter")


class DependsOnCut(Control):
    """A fast path with arithmetic of its own."""

    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        if len(value) > 100:
            return (value.astype(np.float64) * gain + offset).astype(np.float32)
        return super().calibrate(value, gain, offset)
