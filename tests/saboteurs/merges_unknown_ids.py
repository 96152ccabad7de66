"""Takes the next known sensor for an unknown one, as searchsorted without a comparison does."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings
from harness.control import Control

EXPECTED = ("verify", "wrong", "awkward_readings")


class MergesUnknownIds(Control):
    """searchsorted, taken at its word."""

    def rows_of(self, readings: Readings) -> NDArray[np.int64]:
        if not len(self.sensors):
            return super().rows_of(readings)
        order = np.argsort(self.sensors.id)
        place = np.searchsorted(self.sensors.id[order], readings.sensor_id)
        return order[np.minimum(place, len(order) - 1)]
