"""The study's sizes: a buffer of 1,000 values for batches of up to 10,000."""

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "growing_batches")


class FillsShortBuffer(Control):
    """What does not fit is not handed back."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.buffer = np.empty(1000, np.float32)

    def hand_back(self, calibrated: Floats) -> Floats:
        length = min(len(self.buffer), len(calibrated))
        self.buffer[:length] = calibrated[:length]
        return self.buffer[:length]
