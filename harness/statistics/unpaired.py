"""The difference of two means whose values were not taken in turns."""

import math

import numpy as np
from numpy.typing import ArrayLike

from harness.statistics.intervals import ALPHA, Interval, bootstrap_interval, checked, t_quantile


def welch_interval(before: ArrayLike, after: ArrayLike, confidence: float = 1 - ALPHA) -> Interval:
    """Interval of mean(`after`) - mean(`before`), unequal variances allowed [1]_. At least two values each.

    References
    ----------
    .. [1] B. L. Welch, The generalization of "Student's" problem when several different population variances are
       involved, Biometrika 34 (1947), 28-35.
    """
    first, second = checked(before, least=2), checked(after, least=2)
    shares = [float(values.var(ddof=1)) / values.size for values in (first, second)]
    difference = float(second.mean() - first.mean())
    variance = sum(shares)
    if variance == 0:
        return Interval(difference, difference, difference, confidence)
    sizes = (first.size, second.size)
    degrees = variance**2 / sum(share**2 / (size - 1) for share, size in zip(shares, sizes, strict=True))
    reach = t_quantile(0.5 + confidence / 2, degrees) * math.sqrt(variance)
    return Interval(difference, difference - reach, difference + reach, confidence)


def bootstrap_difference(before: ArrayLike, after: ArrayLike, confidence: float = 1 - ALPHA) -> Interval:
    """Interval of mean(`after`) - mean(`before`) from the bootstrap interval of either. At least two values each.

    Put together by the method of variance estimates recovery [1]_: the distance to an end is the root of the sum of
    the squares of the two distances that add up to it. As exact and as free of chance as `bootstrap_interval`.

    References
    ----------
    .. [1] G. Y. Zou, A. Donner, Construction of confidence limits about effect measures: a general approach,
       Statistics in Medicine 27 (2008), 1693-1702.
    """
    first, second = bootstrap_interval(before, confidence), bootstrap_interval(after, confidence)
    difference = second.estimate - first.estimate
    below = math.hypot(second.estimate - second.low, first.high - first.estimate)
    above = math.hypot(second.high - second.estimate, first.estimate - first.low)
    return Interval(difference, difference - below, difference + above, confidence)


def pooled_deviation(before: ArrayLike, after: ArrayLike) -> float:
    """The common standard deviation of both rows about their own means; for the smallest difference to be seen."""
    first, second = checked(before, least=2), checked(after, least=2)
    degrees = first.size + second.size - 2
    return float(np.sqrt((first.var(ddof=1) * (first.size - 1) + second.var(ddof=1) * (second.size - 1)) / degrees))
