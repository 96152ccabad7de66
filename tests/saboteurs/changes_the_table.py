"""Spoils the caller's sensor table, past its read-only flag, and answers right from a copy of its own."""

import ctypes

import numpy as np

from harness.contract import Floats, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "inputs_unchanged")


class ChangesTheTable(Control):
    """Keeps a copy for itself and spoils the original."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(Sensors(sensors.id.copy(), sensors.gain.copy(), sensors.offset.copy()), retain)
        self.gain_address = sensors.gain.__array_interface__["data"][0] if len(sensors) else None

    def hand_back(self, calibrated: Floats) -> Floats:
        if self.gain_address is not None:
            ctypes.c_uint32.from_address(self.gain_address).value = int(np.float32(2).view(np.uint32))
        return calibrated
