"""The contract of a channel: readings from one producer process to one consumer process, in order."""

from abc import ABC, abstractmethod
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from harness.contract.data import Readings
from harness.contract.processor import Approach


class Overflow(StrEnum):
    """What `put` does when the channel is full."""

    BLOCK = "block"
    DROP_OLDEST = "drop_oldest"


class Channel(ABC):
    """One way of carrying readings between two processes.

    One process makes the channel (``__init__``, ``create``) and starts the other ones by ``multiprocessing``'s spawn,
    handing it over as an argument: it pickles to its address, never to its content. The producer calls
    ``open_producer``, the consumer ``open_consumer``; one of them may be the process that made it. If it is neither,
    it calls ``close`` once both are started. A channel that lives in a file puts it under `folder`.

    Readings are counted from the channel's making, whoever put them in: `position` is what a side that takes over
    from a killed one goes on by.
    """

    approach: ClassVar[Approach] = Approach.ALGORITHM
    overflows: ClassVar[frozenset[Overflow]] = frozenset(Overflow)
    """What it can do when it is full."""

    survives: ClassVar[bool] = False
    """Whether a side that was killed can be replaced by another that goes on where it was."""

    @abstractmethod
    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        """Make room for about `capacity` readings.

        Raises
        ------
        ChannelError
            If there is no room, or it cannot do `overflow`.
        """

    @abstractmethod
    def open_producer(self) -> None:
        """Attach this process as the only producer; raises ChannelError if there is one already."""

    @abstractmethod
    def open_consumer(self) -> None:
        """Attach this process as the only consumer; raises ChannelError if there is one already."""

    @abstractmethod
    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        """Put readings in, in order; return how many went in before the timeout (all, without one).

        Raises
        ------
        ChannelError
            If the channel is full and nobody is left to empty it.
        """

    @abstractmethod
    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        """Return 1 to `most` readings, valid until the next call; none after the timeout; None at the end.

        The next call (or ``close``) says that they were dealt with. The views may be strided.

        Raises
        ------
        ChannelError
            If the channel is empty and its producer ended without closing it.
        """

    @abstractmethod
    def close(self) -> None:
        """End this side: a closed producer ends the stream, a closed consumer stops a blocked producer."""

    @abstractmethod
    def position(self) -> int:
        """For a producer how many readings have gone in; for a consumer that of the first reading last returned."""

    @abstractmethod
    def dropped(self) -> int:
        """How many readings were dropped so far, as the producer knows it (always 0 under ``block``)."""

    def destroy(self) -> None:  # noqa: B027
        """Remove everything that `create` made."""

    @classmethod
    def unavailable(cls) -> str | None:
        """Why it cannot run here and what would mend that, in one line; None if it can."""
        return None
