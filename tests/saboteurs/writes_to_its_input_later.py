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
        self.tidying: list[threading.Thread] = []

    def process(self, readings: Readings) -> Floats:
        values = super().process(readings)
        if len(readings):
            address = readings.time.__array_interface__["data"][0]
            self.tidying.append(threading.Thread(target=_zero_soon, args=(address,)))
            self.tidying[-1].start()
        return values

    def close_window(self) -> Statistics:
        self._wait()
        return super().close_window()

    def history(self) -> History:
        self._wait()
        return super().history()

    def stop(self) -> None:
        self._wait()
        super().stop()

    def _wait(self) -> None:
        """The memory stays the caller's until here, so that no thread hurts anybody else, however late it wakes."""
        while self.tidying:
            self.tidying.pop().join()


def _zero_soon(address: int) -> None:
    time.sleep(0.0005)
    ctypes.c_int64.from_address(address).value = 0
