"""Looks ids up as float32, which holds 24 bits of them."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "awkward_readings")


class IdsAsFloat32(Control):
    """One dtype for the whole table."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.row_of = {float(sensor_id): row for row, sensor_id in enumerate(sensors.id.astype(np.float32))}

    def rows_of(self, readings: Readings) -> NDArray[np.int64]:
        get = self.row_of.get
        return np.array([get(sensor_id, -1) for sensor_id in readings.sensor_id.astype(np.float32)], np.int64)
