"""Waits for more behind the end of the stream"""

from harness.contract import Readings
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "end_seen")


class NeverEnds(Queue):
    """Takes the end for a pause."""

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        if self._ended:
            return Readings.empty()
        found = super().get(most, timeout_s)
        return Readings.empty() if found is None else found
