"""The exponent with which cost grows with size, and its interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError
from harness.statistics.intervals import Interval, checked
from harness.statistics.line import line

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

    The slope of the line through the logarithms, with the interval that :func:`line` gives it.

    Raises
    ------
    MeasurementError
        As `points_of` does.

    Examples
    --------
    >>> fit = power_law([10, 100, 1000], [1.0, 10.0, 100.0])
    >>> round(fit.estimate, 6)
    1.0
    """
    points = points_of(sizes, costs)
    return line(np.log(points.size), points.log_cost, confidence).slope
