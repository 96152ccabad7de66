"""Tells the producer that readings were dealt with as soon as it has lent them"""

from harness.contract import Readings
from implementations.channels.shared_ring import SharedRing

EXPECTED = ("verify", "wrong", "held_unchanged")


class GivesBackTooEarly(SharedRing):
    """Does not wait for the next call."""

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        found = super().get(most, timeout_s)
        self._words.give_back(self._mine)
        return found
