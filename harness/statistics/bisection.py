"""The highest value that still holds, by doubling and halving.

>>> found = bisect(lambda value: value <= 70.0, first=10.0, least=1.0, most=1e6)
>>> round(found.low or 0.0, 1), round(found.high or 0.0, 1)
(67.3, 70.3)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from harness.errors import MeasurementError

STEP = 2.0
"""By what factor values go up or down until what holds and what does not are on both sides."""

Holds = Callable[[float], bool | None]
"""Whether a value holds; None where that cannot be said."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """What was found: `low` held and `high` did not; None where nothing did so."""

    low: float | None
    high: float | None


def bisect(holds: Holds, first: float, least: float, most: float, within: float = 0.05) -> Bracket:
    """Bracket the highest value at which `holds`, from `first` on, until `high` is at most 1 + `within` times `low`.

    Nothing below `least` or above `most` is tried; within the first bracket four values are, for 5%. Where `holds` is
    not of one piece, as noise makes it, both ends still came out as they are called. An answer of None ends the search
    with what is known by then.

    Raises
    ------
    MeasurementError
        If `first` is not between `least` and `most`.
    """
    if not 0 < least <= first <= most or not math.isfinite(most) or within <= 0:
        raise MeasurementError(f"bisection from {first:g}; expected it within {least:g} and {most:g}, above zero")
    low: float | None = None
    high: float | None = None
    value: float | None = first
    while value is not None:
        held = holds(value)
        if held is None:
            break
        low, high = (value, high) if held else (low, value)
        value = _next(low, high, least, most, within)
    return Bracket(low, high)


def _next(low: float | None, high: float | None, least: float, most: float, within: float) -> float | None:
    """What to try next; None at the end."""
    if high is None:
        assert low is not None
        return min(most, low * STEP) if low < most else None
    if low is None:
        return max(least, high / STEP) if high > least else None
    return math.sqrt(low * high) if high > low * (1 + within) else None
