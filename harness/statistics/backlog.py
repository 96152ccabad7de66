"""Whether a queue grows: the slope of a backlog over time, with its upper bound.

A backlog goes up and down with every batch; what tells a load that cannot be sustained is the part of it that never
goes away. So the time is cut into equal spans, and of each only the smallest backlog counts: the standing queue
[1]_. A micro-batcher that empties its queue ten times a second so has a standing queue of zero, and one that falls
behind has one that grows with every span.

References
----------
.. [1] K. Nichols, V. Jacobson, Controlling queue delay, ACM Queue 10(5), 2012; RFC 8289, section 3.

>>> time_s = np.linspace(0.0, 5.0, 200)
>>> steady = judge_backlog(time_s, 1000 * (time_s % 0.1))
>>> growing = judge_backlog(time_s, 50_000 * time_s)
>>> round(steady.slope_upper_per_s) < 500, round(growing.slope_per_s, -3)
(True, 50000.0)
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.intervals import t_quantile

SPANS = 10
CONFIDENCE = 0.95
GROWTH_SHARE = 0.01
"""A backlog may grow by this share of the offered load, at most, with that confidence."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the standing queue went: readings a second by which it grew, the upper bound of that, its size at the end."""

    slope_per_s: float
    slope_upper_per_s: float
    final: float

    def holds(self, offered_per_s: float) -> bool:
        """Whether the load is kept up with: no more growth than 1% of it, with confidence."""
        return self.slope_upper_per_s <= GROWTH_SHARE * offered_per_s


def judge_backlog(time_s: NDArray[np.float64], backlog: NDArray[np.float64]) -> Standing | None:
    """Slope of the standing queue by least squares over `SPANS` spans, its one-sided 95% bound and its last value.

    None from fewer than three spans with samples: then nothing can be said.
    """
    if not len(time_s):
        return None
    edges = np.linspace(time_s[0], time_s[-1], SPANS + 1)
    span = np.clip(np.searchsorted(edges, time_s, side="right") - 1, 0, SPANS - 1)
    used = np.unique(span)
    if len(used) < 3:
        return None
    middle_s = (edges[used] + edges[used + 1]) / 2
    lowest = np.array([backlog[span == index].min() for index in used], np.float64)
    slope, error = _slope(middle_s, lowest)
    return Standing(slope, slope + t_quantile(CONFIDENCE, len(used) - 2) * error, float(lowest[-1]))


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Slope of the least-squares line and its standard error."""
    away = x - x.mean()
    spread = float(away @ away)
    slope = float(away @ (y - y.mean())) / spread
    rest = y - y.mean() - slope * away
    return slope, math.sqrt(float(rest @ rest) / (len(x) - 2) / spread)
