"""Brings the readings of a batch into the order of their times: arrival order is lost"""

import numpy as np

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "order_kept")


class SortsByTime(Queue):
    """Sorts each batch."""

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        order = np.argsort(readings.time, kind="stable")
        return super().put(Readings(readings.sensor_id[order], readings.time[order], readings.value[order]), timeout_s)
