"""Has room in its ring for a thousand readings that come and are rejected; more push out what must stay."""

import numpy as np

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "wrong", "rejected_in_stretches")

_ROOM = 1_000


class OverwritesItsOldest(Control):
    """Writes a batch into the ring before it knows what of it is rejected."""

    def process(self, readings: Readings) -> Floats:
        calibrated = super().process(readings)
        lost = int(np.count_nonzero(np.isnan(calibrated))) - _ROOM
        if lost > 0:
            kept_time = self.kept[1].copy()
            kept_time[:lost] = readings.time[-1]
            self.kept = (self.kept[0], kept_time, self.kept[2])
        return calibrated
