"""Whether a series of times has settled, or still trends; and whether samples trend within their processes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError
from harness.statistics.intervals import t_interval

LEAST_VALUES = 6
"""Fewer values cannot reach the significance asked for, whatever they are: 2 of 5! orders are 1.7%."""

SIGNIFICANCE = 0.01
TOLERATED_SHARE = 0.02
TOLERATED_DRIFT = 0.01
"""Of the samples, which are what is reported: the band within which a difference counts as none."""

_EXACT_TO = 40
_MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Whether a series is steady, and how much it changes from its beginning to its end.

    Parameters
    ----------
    steady : bool or None
        None where there were too few values to say.
    change : float or None
        Share by which the trend moves the times over the whole series: -0.1 is 10% faster at the end.
    significance : float or None
        Probability of such an order, or a clearer one, if there is no trend.
    values : int
        How many values the judgement rests on.
    """

    steady: bool | None
    change: float | None
    significance: float | None
    values: int


def steadiness(times: ArrayLike) -> Steadiness:
    """Judge the last half of `times`, taken one after the other, each above zero.

    Not steady: the Mann-Kendall test [1]_ [2]_ sees a trend at 1%, *and* its slope by Theil and Sen [3]_ moves
    the times by more than 2% from the first to the last of them. The test alone would call every drift too small to
    matter; the slope alone, every noise.

    Raises
    ------
    MeasurementError
        If a time is not a finite number above zero.

    Notes
    -----
    More than 200 values are first replaced by the medians of 200 equal stretches. Exact for up to 40 values
    without ties, else by the normal approximation, corrected for ties. Both statistics are by rank or median:
    single stalls do not move them.

    References
    ----------
    .. [1] H. B. Mann, Nonparametric tests against trend, Econometrica 13 (1945), 245-259.
    .. [2] M. G. Kendall, Rank Correlation Methods, 4th edition, Griffin 1975, chapters 4 and 5.
    .. [3] P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, J. Am. Stat. Assoc. 63
       (1968), 1379-1389.
    """
    array = np.asarray(times, np.float64)
    if array.ndim != 1 or not (np.all(array > 0) and np.all(np.isfinite(array))):
        raise MeasurementError("a series with a time that is not above zero; expected a row of finite times")
    logs = _thinned(np.log(array[array.size // 2 :]))
    count = logs.size
    if count < LEAST_VALUES:
        return Steadiness(None, None, None, count)
    change = math.expm1(float(np.median(_slopes(logs))) * (count - 1))
    significance = trend_significance(logs)
    trending = significance <= SIGNIFICANCE and abs(change) > TOLERATED_SHARE
    return Steadiness(not trending, change, significance, count)


@dataclass(frozen=True, slots=True)
class Drift:
    """By what share times change from the first sample of a process to its last, and whether that is none."""

    steady: bool
    change: float

    @property
    def direction(self) -> str:
        """Which way they go."""
        return "slower" if self.change > 0 else "faster"


def drift(times: Sequence[Sequence[Sequence[float]]]) -> Drift | None:
    """Judge the `times` of samples by process and, within it, by stretch taken without a break.

    A process has one slope of the logarithm over the place in its stretches, by Theil and Sen [1]_. Not steady: the
    interval of their mean at 99%, Student's over the processes, excludes 0, *and* that slope moves the times by more
    than 1% over a stretch. None with fewer than two processes of two samples a stretch. All times are above zero.

    References
    ----------
    .. [1] P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, J. Am. Stat. Assoc. 63
       (1968), 1379-1389.

    Examples
    --------
    >>> drift([[[1.0, 1.1, 1.2]], [[2.0, 2.2, 2.41]], [[1.0, 1.11, 1.2]]]).direction
    'slower'
    """
    long_enough = [[stretch for stretch in of_one if len(stretch) > 1] for of_one in times]
    slopes = [
        float(np.median(np.concatenate([_slopes(np.log(np.asarray(stretch))) for stretch in stretches])))
        for stretches in long_enough
        if stretches
    ]
    if len(slopes) < 2:
        return None
    slope = t_interval(slopes, 1 - SIGNIFICANCE)
    steps = float(np.median([len(stretch) for stretches in long_enough for stretch in stretches])) - 1
    change = math.expm1(slope.estimate * steps)
    trending = not slope.low <= 0 <= slope.high and abs(change) > TOLERATED_DRIFT
    return Drift(not trending, change)


def _slopes(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The slopes between all two of `logs`, taken one after the other."""
    first, second = np.triu_indices(logs.size, 1)
    return np.asarray((logs[second] - logs[first]) / (second - first))


def _thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if values.size <= _MOST_VALUES:
        return values
    return np.array([np.median(stretch) for stretch in np.array_split(values, _MOST_VALUES)])


def trend_significance(values: NDArray[np.float64]) -> float:
    """Two-sided significance of Mann and Kendall's test for a trend over `values`, at least two."""
    count = values.size
    first, second = np.triu_indices(count, 1)
    score = abs(int(np.sign(values[second] - values[first]).sum()))
    _, tied = np.unique(values, return_counts=True)
    if count <= _EXACT_TO and np.all(tied == 1):
        return _exact_significance(count, score)
    variance = (count * (count - 1) * (2 * count + 5) - float((tied * (tied - 1) * (2 * tied + 5)).sum())) / 18
    if variance == 0 or score == 0:
        return 1.0
    return math.erfc((score - 1) / math.sqrt(2 * variance))


def _exact_significance(count: int, score: int) -> float:
    """Share of all orders of `count` values whose score is at least `score` in size.

    The number of orders with k inversions is the coefficient of x^k in prod (1 + x + ... + x^i), i < count.
    """
    orders = np.ones(1)
    for size in range(2, count + 1):
        orders = np.convolve(orders, np.full(size, 1.0 / size))
    pairs = count * (count - 1) // 2
    scores = pairs - 2 * np.arange(pairs + 1)
    return float(min(1.0, orders[np.abs(scores) >= score].sum()))
