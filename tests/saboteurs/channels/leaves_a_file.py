"""Leaves a file behind when it is destroyed"""

from pathlib import Path

from harness.contract import Overflow
from implementations.channels.queue import Queue

EXPECTED = ("verify", "wrong", "nothing_left")


class LeavesAFile(Queue):
    """Does not clean up."""

    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        super().create(folder, capacity, overflow)
        (folder / "queue.lock").touch()
