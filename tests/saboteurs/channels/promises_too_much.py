"""Declares that it can drop the oldest and cannot"""

from harness.contract import Overflow
from implementations.channels.pipe import Pipe

EXPECTED = ("verify", "wrong", "policies_as_declared")


class PromisesTooMuch(Pipe):
    """Says more than it can."""

    overflows = frozenset(Overflow)

    def create(self, folder, capacity: int, overflow: Overflow) -> None:  # type: ignore[no-untyped-def]
        if overflow is Overflow.DROP_OLDEST:
            raise NotImplementedError("dropping comes in the next version")
        super().create(folder, capacity, overflow)
