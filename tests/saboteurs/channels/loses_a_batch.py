"""Now and then says that a batch went in and forgets it"""

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "nothing_lost")


class LosesABatch(Queue):
    """Forgets every twentieth batch."""

    calls = 0

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        self.calls += 1
        if self.calls % 20:
            return super().put(readings, timeout_s)
        self._index += len(readings)
        return len(readings)
