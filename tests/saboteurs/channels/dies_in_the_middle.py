"""Ends its process in the middle of a batch"""

import os

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "never_stuck")


class DiesInTheMiddle(Queue):
    """Cannot bear a long batch."""

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        if len(readings) > 2000:
            os._exit(3)
        return super().put(readings, timeout_s)
