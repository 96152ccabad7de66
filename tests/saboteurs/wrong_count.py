"""Hands back one value more than it was given readings."""

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "values_counted")


class WrongCount(Control):
    """Padded to an even length."""

    def hand_back(self, calibrated: Floats) -> Floats:
        return np.append(calibrated, np.float32(np.nan)) if len(calibrated) else calibrated
