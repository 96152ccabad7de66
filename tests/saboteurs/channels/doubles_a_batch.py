"""Puts a batch in again, as one does who has missed the answer"""

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "nothing_doubled")


class DoublesABatch(Queue):
    """Puts every twentieth batch in twice."""

    calls = 0

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        self.calls += 1
        before = self._index
        count = super().put(readings, timeout_s)
        if self.calls % 20 == 0:
            self._index = before
            super().put(readings[:count], timeout_s)
        return count
