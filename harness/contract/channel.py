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

    One process makes the channel (``__init__``, ``create``); the producer and the consumer each receive it by
    ``multiprocessing``'s spawn (it pickles to its address, never to its content) and call ``open_producer`` or
    ``open_consumer``. A channel that lives in a file puts it under `folder`.
    """

    approach: ClassVar[Approach] = Approach.ALGORITHM

    @abstractmethod
    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        """Make room for `capacity` readings."""

    @abstractmethod
    def open_producer(self) -> None:
        """Attach this process as the only producer."""

    @abstractmethod
    def open_consumer(self) -> None:
        """Attach this process as the only consumer."""

    @abstractmethod
    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        """Put readings in, in order; return how many went in before the timeout (all, without one)."""

    @abstractmethod
    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        """Return 1 to `most` readings, valid until the next call; none after the timeout; None at the end."""

    @abstractmethod
    def close(self) -> None:
        """End this side: a closed producer ends the stream, a closed consumer stops a blocked producer."""

    @abstractmethod
    def dropped(self) -> int:
        """How many readings were dropped so far (always 0 under ``block``)."""

    def destroy(self) -> None:  # noqa: B027
        """Remove everything that `create` made."""

    @classmethod
    def unavailable(cls) -> str | None:
        """Why it cannot run here and what would mend that, in one line; None if it can."""
        return None
