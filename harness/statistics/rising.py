"""The exponent of the part of a cost that grows, beside a part that does not, and the growth that goes with it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.statistics.growth import LEAST_SIZES, Curve, Growth, GrowthFit, curve_of, fit_growth
from harness.statistics.intervals import Interval, t_quantile
from harness.statistics.power_law import Points, points_of, power_law

_EXPONENTS = np.linspace(0.05, 4.0, 791)
_PARTS = np.linspace(0.0, 1.0, 41)
_ROUNDS = 4
_REACH = 14.0
_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Rise:
    """How a cost grows: overhead + scale * size ** exponent.

    Parameters
    ----------
    exponent : Interval
        Of the part that grows where `is_apart`; else that over the range measured, of all the cost.
    overhead : float
        What every size costs, in the unit of the costs, by the growth that leads `fit`; 0 where that has none.
    is_apart : bool
        Whether the exponent is that of what grows beside the overhead.
    fit : GrowthFit
        Led by a curve that does not contradict the exponent.
    """

    exponent: Interval
    overhead: float
    is_apart: bool
    fit: GrowthFit


def rise(sizes: ArrayLike, costs: ArrayLike, confidence: float = 0.95) -> Rise:
    """The exponent b of cost = c + a * size ** b where an overhead c shows, else that over the range measured.

    A cost a reading that holds a scan of n sensors and something fixed grows with an exponent below 1 over any range,
    however linear the scan is: the plain power law then answers for the range and not for the scan. There is an
    overhead where the growth that Akaike's criterion prefers has one; the interval then holds the exponents whose
    best fit is not significantly worse (F test on one parameter, [1]_). Where they do not end (one size alone shows
    the rise), only the exponent over the range is known.

    Of the supported growths the best is taken that agrees with the exponent: by the same test beside an overhead, else
    by having an exponent in the interval over the sizes measured. If none does, it is a power law with the exponent
    found, which is among the curves of the fit: a prediction rests on it too.

    Raises
    ------
    MeasurementError
        As :func:`fit_growth` does: at least five different sizes.

    Examples
    --------
    >>> sizes = [1, 10, 30, 100, 300, 1000, 3000]
    >>> found = rise(sizes, [50.0 + 2 * size for size in sizes])
    >>> round(found.exponent.estimate, 2), round(found.overhead), found.fit.best.looks_like
    (1.0, 50, 'O(n)')

    References
    ----------
    .. [1] D. M. Bates, D. G. Watts, Nonlinear Regression Analysis and Its Applications, Wiley 1988, section 6.1.
    """
    fit, plain = fit_growth(sizes, costs), power_law(sizes, costs, confidence)
    points = points_of(sizes, costs, LEAST_SIZES)
    apart = _apart(points, confidence) if any(curve.overhead for curve in fit.supported) else None
    if apart:
        fit = replace(fit, powers=(*fit.powers, apart.curve))
    power = fit.powers[0]
    for curve in fit.supported:
        if curve.overhead and apart is None and not curve.is_worse(power):
            return Rise(plain, curve.overhead, False, replace(fit, leading=curve))
        if curve.overhead and apart and curve.squares <= apart.most_squares:
            return Rise(apart.exponent, curve.overhead, True, replace(fit, leading=curve))
        if not curve.overhead and plain.low <= power_law(points.size, curve.cost(points.size)).estimate <= plain.high:
            return Rise(plain, 0.0, False, replace(fit, leading=curve))
    return Rise(plain, 0.0, False, replace(fit, leading=power))


@dataclass(frozen=True, slots=True, eq=False)
class _Apart:
    """The exponent of what grows beside an overhead, its curve, and the squares up to which none is worse."""

    exponent: Interval
    curve: Curve
    most_squares: float


def _apart(points: Points, confidence: float) -> _Apart | None:
    """The best exponent beside an overhead; None where its interval does not end."""
    squares, overheads, scales = _profile(points)
    best, degrees = int(np.argmin(squares)), len(points) - 3
    least = max(float(squares[best]), len(points) * _LEAST_VARIANCE)
    most = least * (1 + t_quantile(0.5 + confidence / 2, degrees) ** 2 / degrees)
    inside = np.flatnonzero(squares <= most)
    if inside[0] == 0 or inside[-1] == len(_EXPONENTS) - 1:
        return None
    ends = float(_EXPONENTS[inside[0] - 1]), float(_EXPONENTS[inside[-1] + 1])  # a step of the grid to each side
    exponent = float(_EXPONENTS[best])
    curve = curve_of(Growth.POWER, points, float(scales[best]), float(overheads[best]), exponent)
    return _Apart(Interval(exponent, *ends, confidence), curve, most)


def _profile(points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each exponent the least sum of squared logarithms over overhead and scale, that overhead and that scale.

    The ratio of overhead to scale is searched over e^14 to either side of the shapes measured, ever closer.
    """
    logs = np.log(points.size)
    shapes = np.exp(np.multiply.outer(_EXPONENTS, logs - logs.mean()))
    low, high = np.log(shapes.min(axis=1)) - _REACH, np.log(shapes.max(axis=1)) + _REACH
    each = np.arange(len(_EXPONENTS))
    for _ in range(_ROUNDS):
        ratios = low[:, np.newaxis] + np.multiply.outer(high - low, _PARTS)
        residual = points.log_cost - np.log(np.exp(ratios)[..., np.newaxis] + shapes[:, np.newaxis])
        squares = residual.var(axis=2) * len(points)
        place = squares.argmin(axis=1)
        low, high = ratios[each, np.maximum(place - 1, 0)], ratios[each, np.minimum(place + 1, len(_PARTS) - 1)]
    scales = np.exp(residual[each, place].mean(axis=1))
    return squares[each, place], np.exp(ratios[each, place]) * scales, scales * np.exp(-_EXPONENTS * logs.mean())
