"""The exponent with which cost grows with size, and its interval."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError
from harness.statistics.intervals import Interval, checked, t_quantile

LEAST_SIZES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Measured costs, brought to one a size.

    Parameters
    ----------
    size : float64[k]
        Different sizes, ascending, above zero.
    log_cost : float64[k]
        Mean logarithm of the costs at each size.
    """

    size: NDArray[np.float64]
    log_cost: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.size)


def points_of(sizes: ArrayLike, costs: ArrayLike, least: int = LEAST_SIZES) -> Points:
    """One point a size, repetitions averaged as logarithms.

    Repetitions at one size share what is particular to that size (a cache it just leaves, an alignment) and are no
    independent evidence of how cost grows; the scatter of the sizes about the curve is the noise that counts.

    Raises
    ------
    MeasurementError
        If there are fewer than `least` different sizes, or a size or cost is not finite and above zero.
    """
    size, cost = checked(sizes, 0), checked(costs, 0)
    if size.shape != cost.shape or np.any(size <= 0) or np.any(cost <= 0):
        raise MeasurementError(
            f"{size.size} sizes and {cost.size} costs; expected one cost above zero for each size above zero"
        )
    unique, group = np.unique(size, return_inverse=True)
    if unique.size < least:
        raise MeasurementError(f"{unique.size} different sizes; expected at least {least} to see how cost grows")
    return Points(unique, np.bincount(group, np.log(cost)) / np.bincount(group))


def power_law(sizes: ArrayLike, costs: ArrayLike, confidence: float = 0.95) -> Interval:
    """The exponent b of cost = a * size ** b, with its interval. At least three different sizes.

    Least squares of log cost on log size. The standard error is the larger of the classical one and the
    heteroscedasticity-consistent HC3 [1]_ [2]_, with Student's quantile of k - 2 degrees for k sizes: with few sizes
    HC3 alone is sometimes too small by chance, the classical one where noise depends on size [3]_.

    Raises
    ------
    MeasurementError
        As `points_of` does.

    Examples
    --------
    >>> fit = power_law([10, 100, 1000], [1.0, 10.0, 100.0])
    >>> round(fit.estimate, 6)
    1.0

    References
    ----------
    .. [1] J. G. MacKinnon, H. White, Some heteroskedasticity-consistent covariance matrix estimators with improved
       finite sample properties, J. Econometrics 29 (1985), 305-325.
    .. [2] J. S. Long, L. H. Ervin, Using heteroscedasticity consistent standard errors in the linear regression
       model, The American Statistician 54 (2000), 217-224.
    .. [3] J. D. Angrist, J.-S. Pischke, Mostly Harmless Econometrics, Princeton 2009, section 8.1.
    """
    points = points_of(sizes, costs)
    x = np.log(points.size)
    x -= x.mean()
    spread = float(x @ x)
    slope = float(x @ points.log_cost) / spread
    residual = points.log_cost - points.log_cost.mean() - slope * x
    degrees = len(points) - 2
    classical = math.sqrt(float(residual @ residual) / degrees / spread)
    leverage = 1 / len(points) + x**2 / spread
    inflated = residual / np.maximum(1 - leverage, 1e-9)
    robust = math.sqrt(float(((x * inflated) ** 2).sum())) / spread
    reach = t_quantile(0.5 + confidence / 2, degrees) * max(classical, robust)
    return Interval(slope, slope - reach, slope + reach, confidence)
