"""A source: something that gives the values of several counters at one moment."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counter:
    """One number that a source gives.

    Parameters
    ----------
    name : str
        For people, unique among all sources: ``stat/cpu0/user``.
    grows : bool
        Whether it only counts up, and so is recorded as its growth since the recording began; else it is a level.
    """

    name: str
    grows: bool


class Source(ABC):
    """Gives the values of its `counters` at one moment; a context manager where it holds files open.

    Attributes
    ----------
    name : str
    counters : sequence of Counter
        What `sample` gives, in that order.
    """

    name: str
    counters: Sequence[Counter]

    @abstractmethod
    def sample(self) -> list[float]:
        """The values now, one a counter; NaN for one that has gone.

        Raises
        ------
        OSError
            If the source has gone as a whole.
        """

    @abstractmethod
    def select(self, chosen: Sequence[int]) -> None:
        """Give only the counters at these indexes from now on."""

    def close(self) -> None:  # noqa: B027  (most hold nothing)
        """Release what it holds open."""
