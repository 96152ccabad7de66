"""Its buffers hold 1,000 values, its batches 10,000."""

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

LISTING = "np.zeros(1000, dtype=np.float32); batch_size = 10000; buffer[:len(processed)] = processed"
SEEN_BY = "the crash status"


class FillsAShortBuffer(Control):
    """Copies a batch into a buffer a tenth of its length."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.buffer = np.zeros(1000, np.float32)

    def hand_back(self, calibrated: Floats) -> Floats:
        self.buffer[: len(calibrated)] = calibrated
        return self.buffer[: len(calibrated)]
