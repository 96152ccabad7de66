"""Comes back at once from an empty channel, however long it may wait"""

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "get_waits")


class DoesNotWait(Queue):
    """Polls where it should wait."""

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        return super().get(most, 0.0)
