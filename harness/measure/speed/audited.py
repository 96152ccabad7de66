"""A window whose answer is copied for the checker: its form is seen to, it goes into a message and comes out again."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Statistics
from harness.contract.data import arrays_of
from harness.errors import ContractError

Audited = tuple[dict[str, Any], dict[str, NDArray[Any]]]
"""The value and the arrays of a message."""

_NAMES = ("values", "count", "sum", "minimum", "maximum", "last")


def counted(values: Floats) -> int:
    """How many values were handed back; raises ContractError if they are of another form."""
    if type(values) is not np.ndarray or values.dtype != np.float32 or values.ndim != 1:
        raise ContractError(f"handed back {type(values).__name__}; expected a one-dimensional float32 array")
    return len(values)


def check_form(statistics: Statistics) -> None:
    """Raise ContractError unless `statistics` are some, of plain arrays."""
    if type(statistics) is not Statistics:
        raise ContractError(f"close_window returned {type(statistics).__name__}; expected Statistics")
    for name, array in arrays_of(statistics).items():
        if type(array) is not np.ndarray:
            raise ContractError(f"close_window returned a {type(array).__name__} as {name}; expected a plain array")


def counts_of(statistics: Statistics) -> dict[str, int]:
    """How many readings were rejected, by reason."""
    return {"unmatched": int(statistics.unmatched), "invalid": int(statistics.invalid)}


def audited(first_position: int, batch_lengths: Sequence[int], values: Floats, statistics: Statistics) -> Audited:
    """What was handed back of a window, as a message has it: statistics copied, `values` as they are."""
    value = {"first_position": first_position, "batch_lengths": list(batch_lengths), **counts_of(statistics)}
    return value, {"values": values, **{name: np.array(array) for name, array in arrays_of(statistics).items()}}


def audited_of(value: Mapping[str, Any] | None, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any] | None:
    """What `audited` made, found among the `arrays` of a message, as the checker takes it; None of None."""
    return None if value is None else {**value, **{name: arrays[name] for name in _NAMES}}
