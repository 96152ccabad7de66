"""Hands values back in batches of 64 and never the last, shorter one."""

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "flush_hands_back_all")


class DropsLastPartialBatch(Control):
    """A flush that flushes nothing."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.owed = np.empty(0, np.float32)

    def hand_back(self, calibrated: Floats) -> Floats:
        owed = np.concatenate((self.owed, calibrated))
        ready = len(owed) // 64 * 64
        self.owed = owed[ready:]
        return owed[:ready]
