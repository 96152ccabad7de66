"""Intervals of a mean and of a median, corrected for several comparisons."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError

ALPHA = 0.01
"""How often one of a run's intervals may miss, whatever the number of its candidates."""

RESAMPLES = 20_000
_CHUNK = 1 << 21


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the interval around it.

    Parameters
    ----------
    estimate, low, high : float
    confidence : float
        The confidence that was attained; an interval of a median of few values may fall short of what was asked.
    """

    estimate: float
    low: float
    high: float
    confidence: float

    @property
    def half_width(self) -> float:
        """Half the distance from end to end."""
        return (self.high - self.low) / 2


def corrected_confidence(comparisons: int, alpha: float = ALPHA) -> float:
    """Confidence of each of `comparisons` intervals such that all hold at once with 1 - `alpha` (Bonferroni [1]_).

    >>> corrected_confidence(1), corrected_confidence(10)
    (0.99, 0.999)

    References
    ----------
    .. [1] O. J. Dunn, Multiple comparisons among means, J. Am. Stat. Assoc. 56 (1961), 52-64.
    """
    if comparisons < 1:
        raise MeasurementError(f"{comparisons} comparisons; expected at least one")
    return 1.0 - alpha / comparisons


def checked(values: ArrayLike, least: int) -> NDArray[np.float64]:
    """`values` as float64[n]; raises MeasurementError if there are fewer than `least` or one is not finite."""
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or array.size < least:
        raise MeasurementError(f"{array.size} values of {array.ndim} dimensions; expected a row of at least {least}")
    if not np.all(np.isfinite(array)):
        raise MeasurementError("a value is not finite; expected measured, finite numbers")
    return array


def t_quantile(probability: float, degrees: float) -> float:
    """Quantile of Student's distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def t_interval(values: ArrayLike, confidence: float = 1 - ALPHA) -> Interval:
    """Interval of the mean by Student's distribution [1]_: mean -+ t(n - 1) s / sqrt(n). At least two values.

    References
    ----------
    .. [1] Student, The probable error of a mean, Biometrika 6 (1908), 1-25.
    """
    array = checked(values, least=2)
    count = array.size
    centre = float(array.mean())
    reach = t_quantile(0.5 + confidence / 2, count - 1) * float(array.std(ddof=1)) / math.sqrt(count)
    return Interval(centre, centre - reach, centre + reach, confidence)


def bootstrap_interval(
    values: ArrayLike, confidence: float = 1 - ALPHA, *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Interval of the mean by the expanded percentile bootstrap [1]_, the same for the same seed. At least two values.

    The quantile taken is Phi(-sqrt(n / (n - 1)) t(n - 1)) instead of (1 - confidence) / 2, which mends the
    narrowness of the percentile interval for few values. For fewer than about ten values at 99% and more it
    reaches from the lowest to the highest value; a verdict that both intervals share then needs every single pair.

    Notes
    -----
    Chosen by simulation for 6 to 40 values at 99%: percentile and BCa intervals missed the mean of six normal
    values in 9%; the studentized bootstrap covers best of all, but is 1.7 times as long as Student's for six
    normal values, 3.4 times for heavy tails and without bound at 99.9%, so that it would veto every true
    difference. This one costs no power, and it sees what Student's cannot: one or two pairs that carry the mean.

    References
    ----------
    .. [1] T. C. Hesterberg, What teachers should know about the bootstrap, The American Statistician 69 (2015),
       371-386, section on the expanded percentile interval.
    """
    from scipy.special import ndtr

    array = checked(values, least=2)
    count = array.size
    rng = np.random.default_rng(seed)
    step = max(1, _CHUNK // count)
    means = np.concatenate(
        [
            array[rng.integers(0, count, (min(step, resamples - start), count))].mean(axis=1)
            for start in range(0, resamples, step)
        ]
    )
    level = float(ndtr(-math.sqrt(count / (count - 1)) * t_quantile(0.5 + confidence / 2, count - 1)))
    low, high = np.quantile(means, [level, 1 - level])
    return Interval(float(array.mean()), float(low), float(high), confidence)


def median_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of the median between two order statistics, free of any distribution [1]_. At least one value.

    The narrowest symmetric pair of order statistics that attains `confidence`; the lowest and the highest
    value where none does. What was attained stands in the result.

    References
    ----------
    .. [1] G. J. Hahn, W. Q. Meeker, Statistical Intervals, Wiley 1991, section 5.2.
    """
    from scipy.special import bdtr

    ordered = np.sort(checked(values, least=1))
    count = ordered.size
    for rank in range((count + 1) // 2, 0, -1):
        attained = 1.0 - 2.0 * float(bdtr(rank - 1, count, 0.5))
        if attained >= confidence or rank == 1:
            break
    return Interval(
        float(np.median(ordered)), float(ordered[rank - 1]), float(ordered[count - rank]), max(attained, 0.0)
    )
