"""Calibrates in place: writes into the caller's batch, past its read-only flag."""

import ctypes

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "wrong", "inputs_unchanged")


class ChangesItsInput(Control):
    """Sets the sign bit of the first value."""

    def process(self, readings: Readings) -> Floats:
        values = super().process(readings)
        if len(readings):
            address = readings.value.__array_interface__["data"][0]
            first = ctypes.c_uint32.from_address(address)
            first.value ^= 0x80000000
        return values
