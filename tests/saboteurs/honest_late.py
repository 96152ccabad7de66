"""Honest and late: hands values back one batch later, as a pipeline does, and is found right."""

import numpy as np

from harness.contract import Floats, Readings, Sensors
from harness.control import Control

EXPECTED = ("verify", "ok", "")


class HonestLate(Control):
    """Keeps the values of a batch until the next call."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.owed = np.empty(0, np.float32)

    def hand_back(self, calibrated: Floats) -> Floats:
        ready, self.owed = self.owed, calibrated
        return ready

    def flush(self) -> Floats:
        return self.process(Readings.empty())
