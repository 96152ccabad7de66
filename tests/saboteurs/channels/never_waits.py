"""Drops readings under block, too, for it would have to wait"""

from pathlib import Path

from harness.contract import Overflow
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "put_waits")


class NeverWaits(Queue):
    """Does what it was not asked for."""

    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        super().create(folder, 64 * capacity if overflow is Overflow.BLOCK else capacity, Overflow.DROP_OLDEST)
