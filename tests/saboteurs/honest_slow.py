"""Honest and slow: right, and found right, however long each call takes."""

import time

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "ok", "")


class HonestSlow(Control):
    """Half a millisecond more a call."""

    def process(self, readings: Readings) -> Floats:
        time.sleep(0.0005)
        return super().process(readings)
