"""One value of the whole stream is off by four units in the last place, in the output alone."""

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "values_calibrated")


class FourUlpOff(Control):
    """Moves the 200th value of the first batch that long."""

    moved = False

    def hand_back(self, calibrated: Floats) -> Floats:
        if not self.moved and len(calibrated) > 200 and np.isfinite(calibrated[200]):
            self.moved = True
            calibrated[200] += 4 * np.spacing(calibrated[200])
        return calibrated
