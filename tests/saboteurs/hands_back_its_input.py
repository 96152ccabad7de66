"""Writes the values over the caller's batch and hands that back."""

import ctypes

import numpy as np

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "wrong", "inputs_unchanged")


class HandsBackItsInput(Control):
    """No allocation at all."""

    def process(self, readings: Readings) -> Floats:
        calibrated = super().process(readings)
        if not len(readings) or not readings.value.flags.c_contiguous:
            return calibrated
        address = readings.value.__array_interface__["data"][0]
        out: Floats = np.ctypeslib.as_array((ctypes.c_float * len(readings)).from_address(address))
        out[:] = calibrated
        return out
