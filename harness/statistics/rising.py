"""The exponent of the part of a cost that grows, beside a part that does not."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.intervals import Interval, t_quantile
from harness.statistics.power_law import Points, points_of, power_law

LEAST_SIZES = 7
"""Three parameters and the noise leave a correction for few points that is finite from six sizes, usable from seven."""

_EXPONENTS = np.linspace(0.05, 4.0, 791)
_SHARES = np.linspace(-14.0, 14.0, 281)
_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Rise:
    """How a cost grows: overhead + scale * size ** exponent.

    Parameters
    ----------
    exponent : Interval
    overhead : float
        What every size costs, in the unit of the costs; 0 where the data show none.
    """

    exponent: Interval
    overhead: float


def rise(sizes: ArrayLike, costs: ArrayLike, confidence: float = 0.95) -> Rise:
    """The exponent b of cost = c + a * size ** b, or of the plain power law where that describes as well.

    A cost a reading that holds a scan of n sensors and something fixed grows with an exponent below 1 over any range,
    however linear the scan is: the plain power law then answers for the range and not for the scan. The overhead is
    fitted where Akaike's criterion, corrected for few points, prefers it; the interval holds the exponents whose best
    fit is not significantly worse (F test on one parameter, [1]_).

    Raises
    ------
    MeasurementError
        As `points_of` does: at least three different sizes.

    Examples
    --------
    >>> sizes = [1, 10, 30, 100, 300, 1000, 3000]
    >>> found = rise(sizes, [50.0 + 2 * size for size in sizes])
    >>> round(found.exponent.estimate, 2), round(found.overhead)
    (1.0, 50)

    References
    ----------
    .. [1] D. M. Bates, D. G. Watts, Nonlinear Regression Analysis and Its Applications, Wiley 1988, section 6.1.
    """
    plain = Rise(power_law(sizes, costs, confidence), 0.0)
    points = points_of(sizes, costs)
    if len(points) < LEAST_SIZES:
        return plain
    squares, overheads = _profile(points)
    best = int(np.argmin(squares))
    reach = t_quantile(0.5 + confidence / 2, len(points) - 3) ** 2
    least = max(float(squares[best]), len(points) * _LEAST_VARIANCE)
    inside = np.flatnonzero(squares <= least * (1 + reach / (len(points) - 3)))
    if inside[0] == 0 or inside[-1] == len(_EXPONENTS) - 1 or not _prefers(points, least):
        return plain
    ends = float(_EXPONENTS[inside[0] - 1]), float(_EXPONENTS[inside[-1] + 1])  # a step of the grid to each side
    return Rise(Interval(float(_EXPONENTS[best]), *ends, confidence), float(overheads[best]))


def _profile(points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each exponent the least sum of squared logarithms over scale and overhead, and that overhead."""
    logs = np.log(points.size)
    squares, overheads = np.empty_like(_EXPONENTS), np.empty_like(_EXPONENTS)
    for index, exponent in enumerate(_EXPONENTS):
        shape = np.exp(exponent * (logs - logs.mean()))
        ratios = np.exp(np.linspace(math.log(shape.min()) + _SHARES[0], math.log(shape.max()), len(_SHARES)))
        for _ in range(2):
            residual = points.log_cost - np.log(ratios[:, np.newaxis] + shape)
            sums = ((residual - residual.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
            place = int(np.argmin(sums))
            found = float(sums[place]), float(ratios[place] * math.exp(residual[place].mean()))
            ratios = np.geomspace(ratios[max(0, place - 1)], ratios[min(place + 1, len(ratios) - 1)], len(ratios))
        squares[index], overheads[index] = found
    return squares, overheads


def _prefers(points: Points, squares: float) -> bool:
    """Whether the fit with an overhead, of these squared residuals, has the lower AICc."""
    x = np.log(points.size) - np.log(points.size).mean()
    y = points.log_cost - points.log_cost.mean()
    plain = float(((y - x * float(x @ y) / float(x @ x)) ** 2).sum())
    return _aicc(len(points), squares, 4) < _aicc(len(points), plain, 3)


def _aicc(count: int, squares: float, fitted: int) -> float:
    variance = max(squares / count, _LEAST_VARIANCE)
    return count * math.log(variance) + 2 * fitted + 2 * fitted * (fitted + 1) / (count - fitted - 1)
