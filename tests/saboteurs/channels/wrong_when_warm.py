"""Right while it is proved; once it has carried half a million readings, it hands out the ids of the batch before"""

import numpy as np

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("timed", "wrong", "by their sums")
_READINGS_RIGHT = 500_000


class WrongWhenWarm(Queue):
    """Spares a column."""

    carried = 0

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        found = super().get(most, timeout_s)
        if found is None or self.carried < _READINGS_RIGHT:
            self.carried += len(found) if found is not None else 0
            return found
        return Readings(np.roll(found.sensor_id, 1), found.time, found.value)
