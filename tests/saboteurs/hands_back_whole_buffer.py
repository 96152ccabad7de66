"""Hands back its whole buffer, the stale remainder behind a short batch included."""

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "nothing_handed_back_early")


class HandsBackWholeBuffer(Control):
    """One buffer as long as the longest batch."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.buffer = np.empty(0, np.float32)

    def hand_back(self, calibrated: Floats) -> Floats:
        if len(self.buffer) < len(calibrated):
            self.buffer = np.empty(len(calibrated), np.float32)
        self.buffer[: len(calibrated)] = calibrated
        return self.buffer if len(calibrated) else calibrated
