"""What an implementation hands back of one window under load, copied at once, for the checker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Statistics
from harness.contract.data import arrays_of
from harness.measure.speed.audited import Audited, audited, check_form


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


class Audit:
    """Collects the values and the statistics of the readings from `first` to `end` of the endless stream.

    Values come in order, but may lag behind their window's end. Copying costs some microseconds a batch, in this one
    window.

    Parameters
    ----------
    first, end : int
        A whole window.
    """

    def __init__(self, first: int, end: int) -> None:
        self.first, self.end = first, end
        self._copies: list[NDArray[Any]] = []
        self._count = 0
        self._statistics: Statistics | None = None

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
            If `statistics` are none, or not of plain arrays.
        """
        check_form(statistics)
        self._statistics = Statistics(
            **{name: np.array(array) for name, array in arrays_of(statistics).items()},
            unmatched=int(statistics.unmatched),
            invalid=int(statistics.invalid),
        )

    def as_answer(self) -> Audited | tuple[None, dict[str, NDArray[Any]]]:
        """As a message has it; None and none unless all of the window came back."""
        if self._statistics is None or self._count != self.end - self.first:
            return None, {}
        return audited(self.first, [self._count], np.concatenate(self._copies), self._statistics)
