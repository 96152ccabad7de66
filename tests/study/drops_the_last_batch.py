"""Its last batch, which is not full, is dropped."""

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

LISTING = "if len(batch) >= batch_size: ...  # and nothing after the loop"
SEEN_BY = "the verifier"
_BATCH_SIZE = 10_000


class DropsTheLastBatch(Control):
    """Hands back whole batches of 10,000 and has no flush."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.batch = np.empty(0, np.float32)

    def hand_back(self, calibrated: Floats) -> Floats:
        self.batch = np.concatenate((self.batch, calibrated))
        ready = len(self.batch) // _BATCH_SIZE * _BATCH_SIZE
        whole, self.batch = self.batch[:ready], self.batch[ready:]
        return whole
