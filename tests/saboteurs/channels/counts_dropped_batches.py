"""Counts what it drops in batches instead of readings"""

from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "drops_counted")


class CountsDroppedBatches(Queue):
    """Has the wrong unit."""

    def dropped(self) -> int:
        return super().dropped() // 64
