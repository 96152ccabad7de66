"""What an implementation hands back of one window under load, copied at once, for the checker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Statistics
from harness.contract.data import arrays_of
from harness.errors import ContractError


@dataclass(frozen=True, slots=True, eq=False)
class UnderLoad:
    """What came back in one stretch.

    Parameters
    ----------
    values, value_bits : int
        How many values, and the sum of their bits (:func:`harness.measure.speed.folds.bits_of`).
    audited : mapping or None
        All of one window, as `Audit.as_answer` has it; None unless all of it came back.
    """

    values: int
    value_bits: int
    audited: Mapping[str, Any] | None


PREFIX = "audited_"
"""What the names of its arrays begin with in a message."""


class Audit:
    """Collects the values and the statistics of the readings from `first` to `end` of the endless stream.

    Values come in order, but may lag behind their window's end. Copying costs some microseconds a batch, in this one
    window.

    Parameters
    ----------
    first, end : int
        A whole window.

    Attributes
    ----------
    statistics : Statistics or None
        What closing the window gave.
    """

    def __init__(self, first: int, end: int) -> None:
        self.first, self.end = first, end
        self.statistics: Statistics | None = None
        self._copies: list[NDArray[Any]] = []
        self._count = 0

    def values(self, done: int, values: Floats) -> None:
        """`values` came when `done` had come before."""
        part = values[max(0, self.first - done) : max(0, self.end - done)]
        if len(part):
            self._copies.append(part.copy())
            self._count += len(part)

    def close(self, statistics: Statistics) -> None:
        """The window was closed.

        Raises
        ------
        ContractError
            If `statistics` are none.
        """
        if type(statistics) is not Statistics:
            raise ContractError(f"close_window returned {type(statistics).__name__}; expected Statistics")
        self.statistics = Statistics(
            **{name: array.copy() for name, array in arrays_of(statistics).items()},
            unmatched=int(statistics.unmatched),
            invalid=int(statistics.invalid),
        )

    def as_answer(self) -> tuple[dict[str, Any] | None, dict[str, NDArray[Any]]]:
        """As a value and arrays of a message; None and none unless all of the window came back."""
        statistics = self.statistics
        if statistics is None or self._count != self.end - self.first:
            return None, {}
        arrays = {"values": np.concatenate(self._copies), **arrays_of(statistics)}
        value = {
            "first_position": self.first,
            "batch_lengths": [self._count],
            "unmatched": int(statistics.unmatched),
            "invalid": int(statistics.invalid),
        }
        return value, {f"{PREFIX}{name}": array for name, array in arrays.items()}


def audited_of(value: Mapping[str, Any] | None, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any] | None:
    """What `Audit.as_answer` made, as the checker takes it."""
    if value is None:
        return None
    return dict(value) | {name[len(PREFIX) :]: array for name, array in arrays.items() if name.startswith(PREFIX)}
