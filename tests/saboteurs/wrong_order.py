"""Hands the values of a batch back grouped by sensor."""

import numpy as np

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "wrong", "values_calibrated")


class WrongOrder(Control):
    """The order of a group-by."""

    def process(self, readings: Readings) -> Floats:
        order = np.argsort(readings.sensor_id, kind="stable")
        return super().process(readings)[order]
