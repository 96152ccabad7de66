"""The study's pool: one buffer of 1,000 values handed out again and again; a list of it repeats its last part."""

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "growing_batches")


class HandsBackOneBuffer(Control):
    """Collects views of the same buffer."""

    def hand_back(self, calibrated: Floats) -> Floats:
        buffer = np.empty(1000, np.float32)
        parts = []
        for first in range(0, len(calibrated), 1000):
            part = buffer[: len(calibrated[first : first + 1000])]
            part[:] = calibrated[first : first + 1000]
            parts.append(part)
        return np.concatenate(parts) if parts else calibrated
