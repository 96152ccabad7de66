"""Right while it is proved; after five hundred batches of one length it hands out the ids of the batch before"""

import numpy as np

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("timed", "wrong", "by their sums")
_BATCHES_RIGHT = 500


class WrongWhenWarm(Queue):
    """Spares a column once it is put to steady work, as only timing does, whatever the machine's pace."""

    alike = 0
    length = 0

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        found = super().get(most, timeout_s)
        if found is None or len(found) == 0:
            return found
        self.alike = self.alike + 1 if len(found) == self.length else 1
        self.length = len(found)
        if self.alike < _BATCHES_RIGHT:
            return found
        return Readings(np.roll(found.sensor_id, 1), found.time, found.value)
