"""Comes back from a kill at the newest reading and leaves out what had not been dealt with"""

from implementations.channels.mapped_ring import MappedRing

EXPECTED = ("verify", "wrong", "resumes")


class BeginsAtTheNewest(MappedRing):
    """A consumer that forgets where it was."""

    def open_consumer(self) -> None:
        super().open_consumer()
        self._mine[self._words.LENT] = self._word(self._words.HEAD) - self._word(self._words.TAIL)
        self._words.give_back(self._mine)
