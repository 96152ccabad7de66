"""Whether a queue grows: the slope of a backlog over time, with its upper bound.

A backlog goes up and down with every batch; what tells a load that cannot be sustained is the part of it that never
goes away. So the time is cut into equal spans, and of each only the smallest backlog counts: the standing queue
[1]_. A micro-batcher that empties its queue ten times a second so has a standing queue of zero, and one that falls
behind has one that grows with every span.

That holds only where a span is long enough for the queue to have had its chance: [1]_ asks for one period of the
service at least. Spans here hold two, a period being the longest time that values were waited for, and where fewer than
five of them fit, nothing is said.

References
----------
.. [1] K. Nichols, V. Jacobson, Controlling queue delay, ACM Queue 10(5), 2012; RFC 8289, section 3.

>>> time_s = np.linspace(0.0, 5.0, 200)
>>> steady = judge_backlog(time_s, 1000 * (time_s % 0.1), 0.1)
>>> growing = judge_backlog(time_s, 50_000 * time_s, 0.1)
>>> round(steady.slope_upper_per_s) < 500, round(growing.slope_per_s, -3)
(True, 50000.0)
>>> judge_backlog(time_s, 1000 * (time_s % 0.6), 0.6), round(enough_s(0.6), 1)
(None, 7.2)
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.intervals import t_quantile

SPANS, LEAST_SPANS = 10, 5
PERIODS_A_SPAN = 2
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


def judge_backlog(time_s: NDArray[np.float64], backlog: NDArray[np.float64], gap_s: float) -> Standing | None:
    """Slope of the standing queue by least squares over at most `SPANS` spans, its one-sided 95% bound, its last value.

    None where fewer than `LEAST_SPANS` spans have samples and hold two periods each: then nothing can be said.

    Parameters
    ----------
    time_s, backlog : float64[k]
        Each the smallest since the moment before, or as it was at that moment; the first moment after 0.
    gap_s
        The longest time that values were waited for: a period of the service.
    """
    if not len(time_s):
        return None
    spans = min(SPANS, int(time_s[-1] / (PERIODS_A_SPAN * gap_s))) if gap_s else SPANS
    if spans < LEAST_SPANS:
        return None
    edges = np.linspace(0.0, time_s[-1], spans + 1)
    span = np.searchsorted(edges[1:-1], time_s, side="left")
    used = np.unique(span)
    if len(used) < LEAST_SPANS:
        return None
    middle_s = (edges[used] + edges[used + 1]) / 2
    lowest = np.array([backlog[span == index].min() for index in used], np.float64)
    slope, error = _slope(middle_s, lowest)
    return Standing(slope, slope + t_quantile(CONFIDENCE, len(used) - 2) * error, float(lowest[-1]))


def enough_s(gap_s: float) -> float:
    """How long to look at a service of that period to tell: the least number of spans, and a fifth more."""
    return 1.2 * LEAST_SPANS * PERIODS_A_SPAN * gap_s


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Slope of the least-squares line and its standard error."""
    away = x - x.mean()
    spread = float(away @ away)
    slope = float(away @ (y - y.mean())) / spread
    rest = y - y.mean() - slope * away
    return slope, math.sqrt(float(rest @ rest) / (len(x) - 2) / spread)
