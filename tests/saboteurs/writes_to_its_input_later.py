"""Keeps a pointer to the caller's batch and writes there after it has returned."""

import ctypes
import threading
import time

from harness.contract import Floats, History, Readings, Sensors, Statistics
from harness.control import Control

EXPECTED = ("verify", "wrong", "inputs_unchanged")


class WritesToItsInputLater(Control):
    """A thread that tidies up what is not its own."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.tidy = threading.Thread()
        self.tidy.start()

    def process(self, readings: Readings) -> Floats:
        values = super().process(readings)
        if len(readings):
            address = readings.time.__array_interface__["data"][0]
            self.tidy = threading.Thread(target=_zero_soon, args=(address,))
            self.tidy.start()
        return values

    def close_window(self) -> Statistics:
        self.tidy.join()  # the memory stays the caller's until here, so that the thread hurts nobody else
        return super().close_window()

    def history(self) -> History:
        self.tidy.join()
        return super().history()


def _zero_soon(address: int) -> None:
    time.sleep(0.0005)
    ctypes.c_int64.from_address(address).value = 0
