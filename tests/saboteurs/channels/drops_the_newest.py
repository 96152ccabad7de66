"""Drops what comes instead of what has waited longest, and counts it properly"""

import time

from harness.contract import Overflow, Readings
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "newest_kept")


class DropsTheNewest(Queue):
    """Refuses what does not fit."""

    lossy = False

    def create(self, folder, capacity: int, overflow: Overflow) -> None:  # type: ignore[no-untyped-def]
        super().create(folder, capacity, Overflow.BLOCK)
        self.lossy = overflow is Overflow.DROP_OLDEST

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        if not self.lossy:
            return super().put(readings, timeout_s)
        for batch in readings.batches(1000):
            if self._put_item((self._index, batch.to_records()), time.monotonic()):
                self._index += len(batch)
            else:
                self._dropped += len(batch)
        return len(readings)
