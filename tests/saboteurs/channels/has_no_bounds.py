"""Takes in whatever comes, up to the end of all memory"""

from pathlib import Path

from harness.contract import Overflow
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "room_bounded")


class HasNoBounds(Queue):
    """A thousand times the room it was made for."""

    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        super().create(folder, capacity * 1000, overflow)
