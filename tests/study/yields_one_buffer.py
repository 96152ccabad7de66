"""It yields one pooled buffer again and again, so that a collected list repeats one batch."""

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

LISTING = "buffer = self.object_pool.pop(); ...; yield buffer; self.object_pool.append(buffer)"
SEEN_BY = "the verifier"
_BUFFER = 1_000


class YieldsOneBuffer(Control):
    """Takes the pool's last buffer and gives it back at once, while the caller still holds it."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.object_pool = [np.zeros(_BUFFER, np.float32) for _ in range(10)]

    def hand_back(self, calibrated: Floats) -> Floats:
        collected = []
        for first in range(0, len(calibrated), _BUFFER):
            part = calibrated[first : first + _BUFFER]
            buffer = self.object_pool.pop()
            buffer[: len(part)] = part
            collected.append(buffer[: len(part)])
            self.object_pool.append(buffer)
        return np.concatenate(collected) if collected else calibrated
