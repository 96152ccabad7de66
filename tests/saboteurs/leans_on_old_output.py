"""Writes only the values that differ from those it has handed back in the same buffer before."""

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "overwritten_outputs")


class LeansOnOldOutput(Control):
    """Trusts that nobody has touched what it handed out."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.handed = np.empty(0, np.float32)
        self.remembered = np.empty(0, np.float32)

    def hand_back(self, calibrated: Floats) -> Floats:
        if len(calibrated) > len(self.handed):
            self.handed, self.remembered = calibrated.copy(), calibrated.copy()
            return self.handed
        length = len(calibrated)
        changed = np.flatnonzero(self.remembered[:length] != calibrated)
        self.handed[changed] = self.remembered[changed] = calibrated[changed]
        return self.handed[:length]
