"""When to stop taking pairs: by the width of the interval, never by the verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.errors import MeasurementError
from harness.statistics.intervals import corrected_confidence, t_interval, t_quantile
from harness.statistics.verdict import LEAST_PAIRS


@dataclass(frozen=True, slots=True)
class Stopping:
    """Take pairs until the interval of the mean effect is narrow enough, or the set number is used up.

    Parameters
    ----------
    width : float
        Half width asked for, as a share: 0.05 for +-5%.
    most : int
        Pairs at most.
    least : int
        Pairs at least; the quick level has `least` and `most` equal.
    candidates : int
        Comparisons of the run, which set the confidence.
    """

    width: float
    most: int
    least: int = LEAST_PAIRS
    candidates: int = 1

    def __post_init__(self) -> None:
        if not (self.width > 0 and 1 <= self.least <= self.most and self.candidates >= 1):
            raise MeasurementError(f"{self} cannot stop; expected a width above 0 and 1 <= least <= most pairs")

    def done(self, effects: Sequence[float]) -> bool:
        """Whether pairs with these `effects` are enough."""
        if len(effects) >= self.most:
            return True
        return len(effects) >= max(self.least, 2) and self._half_width(effects) <= math.log1p(self.width)

    def _half_width(self, effects: Sequence[float]) -> float:
        return t_interval(effects, corrected_confidence(self.candidates)).half_width

    def expected_pairs(self, effects: Sequence[float]) -> int:
        """How many pairs it will take in all, as far as these `effects` tell; for showing the time left."""
        if len(effects) < 2:
            return self.least
        deviation = float(np.std(effects, ddof=1))
        for pairs in range(max(self.least, 2), self.most):
            reach = (
                t_quantile(0.5 + corrected_confidence(self.candidates) / 2, pairs - 1) * deviation / math.sqrt(pairs)
            )
            if reach <= math.log1p(self.width):
                return max(pairs, len(effects))
        return self.most
