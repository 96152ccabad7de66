"""Intervals of a mean and of a median, corrected for several comparisons."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError

ALPHA = 0.01
"""How often one of a run's intervals may miss, whatever the number of its candidates."""

_GRID_STEPS = 1024
_MOST_SUMS = 1 << 20
_LEAST_LEVEL = 1e-12


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


def bootstrap_interval(values: ArrayLike, confidence: float = 1 - ALPHA) -> Interval:
    """Interval of the mean by the expanded percentile bootstrap [1]_, over all resamples. At least two values.

    The quantile taken is Phi(-sqrt(n / (n - 1)) t(n - 1)) instead of (1 - confidence) / 2, which mends the
    narrowness of the percentile interval for few values. For six values at 99% it reaches from the lowest to the
    highest: a verdict that both intervals share then rests on every single pair.

    Notes
    -----
    There is no chance in it: the distribution of the mean over all n^n resamples is the n-fold convolution of the
    values', computed by Fourier transform on a grid [2]_; drawing resamples would leave the far quantiles that a
    corrected confidence asks for to luck. O(n log n) times the grid, about 2 ms for 20 values.

    Chosen by simulation for 6 to 40 values at 99%. Percentile and BCa intervals missed the mean of six normal
    values in 9%. The studentized bootstrap covers best of all, but is 1.7 times as long as Student's for six
    normal values, 3.4 times for heavy tails and without bound at 99.9%, so that it would veto true differences.
    This one costs no power, and it sees what Student's cannot: one or two pairs that carry the mean.

    References
    ----------
    .. [1] T. C. Hesterberg, What teachers should know about the bootstrap, The American Statistician 69 (2015),
       371-386, section on the expanded percentile interval.
    .. [2] N. I. Fisher, P. Hall, Bootstrap algorithms for small samples, J. Stat. Planning and Inference 27
       (1991), 157-169, on exact bootstrap distributions.
    """
    from scipy.special import ndtr

    array = checked(values, least=2)
    count = array.size
    level = float(ndtr(-math.sqrt(count / (count - 1)) * t_quantile(0.5 + confidence / 2, count - 1)))
    means, share = _resampled_means(array)
    low = means[np.searchsorted(np.cumsum(share), max(level, _LEAST_LEVEL))]
    high = means[::-1][np.searchsorted(np.cumsum(share[::-1]), max(level, _LEAST_LEVEL))]
    return Interval(float(array.mean()), float(low), float(high), confidence)


def _resampled_means(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The means that resamples of `values` can have, ascending, and the share of all resamples with each.

    A value between two points of the grid counts for both, in such parts that the mean stays what it was.
    """
    count, lowest, highest = values.size, float(values.min()), float(values.max())
    if lowest == highest:
        return np.array([lowest]), np.ones(1)
    steps = max(2, min(_GRID_STEPS, _MOST_SUMS // count))
    place = (values - lowest) / (highest - lowest) * steps
    below = np.minimum(place.astype(np.int64), steps - 1)
    part = place - below
    weights = np.bincount(below, 1 - part, steps + 1) + np.bincount(below + 1, part, steps + 1)
    sums = count * steps + 1
    length = 1 << (sums - 1).bit_length()
    transform = np.fft.rfft(weights / count, length)
    share = np.maximum(np.fft.irfft(transform**count, length)[:sums], 0.0)
    return np.linspace(lowest, highest, sums), share


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
