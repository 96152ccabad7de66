"""A straight line: what a cost grows by for each unit of size, with its interval, and what it begins at."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError
from harness.statistics.intervals import Interval, checked, t_quantile

LEAST_POINTS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line.

    Parameters
    ----------
    slope : Interval
    at_zero : float
        Where it crosses size 0.
    """

    slope: Interval
    at_zero: float


def line(sizes: ArrayLike, costs: ArrayLike, confidence: float = 0.95) -> Line:
    """The line through points, by least squares. At least three points of different sizes.

    The standard error of the slope is the larger of the classical one and the heteroscedasticity-consistent HC3
    [1]_ [2]_, with Student's quantile of k - 2 degrees for k points: with few points HC3 alone is sometimes too small
    by chance, the classical one where noise depends on size [3]_.

    Raises
    ------
    MeasurementError
        If there are fewer than three points, or a value is not finite, or all sizes are the same.

    Examples
    --------
    >>> found = line([1e5, 2e5, 1e6], [3.6e6, 5.2e6, 18.0e6])
    >>> round(found.slope.estimate, 6), round(found.at_zero / 1e6, 6)
    (16.0, 2.0)

    References
    ----------
    .. [1] J. G. MacKinnon, H. White, Some heteroskedasticity-consistent covariance matrix estimators with improved
       finite sample properties, J. Econometrics 29 (1985), 305-325.
    .. [2] J. S. Long, L. H. Ervin, Using heteroscedasticity consistent standard errors in the linear regression
       model, The American Statistician 54 (2000), 217-224.
    .. [3] J. D. Angrist, J.-S. Pischke, Mostly Harmless Econometrics, Princeton 2009, section 8.1.
    """
    x, y = checked(sizes, LEAST_POINTS), checked(costs, LEAST_POINTS)
    if x.shape != y.shape or np.ptp(x) == 0:
        raise MeasurementError(f"{x.size} sizes and {y.size} costs; expected one cost for each of several sizes")
    slope = _slope(x - x.mean(), y - y.mean(), confidence)
    return Line(slope, float(y.mean()) - slope.estimate * float(x.mean()))


def _slope(x: NDArray[np.float64], y: NDArray[np.float64], confidence: float) -> Interval:
    spread = float(x @ x)
    slope = float(x @ y) / spread
    residual = y - slope * x
    degrees = len(x) - 2
    classical = math.sqrt(float(residual @ residual) / degrees / spread)
    leverage = 1 / len(x) + x**2 / spread
    inflated = residual / np.maximum(1 - leverage, 1e-9)
    robust = math.sqrt(float(((x * inflated) ** 2).sum())) / spread
    reach = t_quantile(0.5 + confidence / 2, degrees) * max(classical, robust)
    return Interval(slope, slope - reach, slope + reach, confidence)
