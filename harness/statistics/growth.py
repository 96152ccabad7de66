"""Which of O(1), log n, n, n log n, n^2 or a power of n describes how cost grows, and what it costs at another size."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError
from harness.statistics.intervals import t_quantile
from harness.statistics.power_law import Points, points_of

LEAST_SIZES = 5
"""From four sizes an overhead cannot be told from a slower growth: in simulation the choice was then always wrong."""

SUPPORT = 0.95
"""Curves are supported, the best first, until their Akaike weights add to this [1]_.

.. [1] K. P. Burnham, D. R. Anderson, Model Selection and Multimodel Inference, 2nd edition, Springer 2002,
   section 4.5: the confidence set of models.
"""

FAR = 10.0
"""How far beyond the sizes measured an interval still is one of 95%, as a factor: further out, growth decides alone."""

_LEAST_VARIANCE = 1e-12
_SHARES = np.linspace(-14.0, 14.0, 225)


class Growth(StrEnum):
    """How cost grows with size n."""

    CONSTANT = "O(1)"
    LOG = "O(log n)"
    LINEAR = "O(n)"
    LINEARITHMIC = "O(n log n)"
    QUADRATIC = "O(n^2)"
    POWER = "O(n^b)"

    def shape(self, size: NDArray[np.float64], exponent: float = 1.0) -> NDArray[np.float64]:
        """Relative cost at each `size` above zero; the logarithm is that of n + 1, which is above zero too.

        `exponent` is that of the power law, and of no other's concern.
        """
        if self is Growth.CONSTANT:
            return np.ones_like(size)
        if self is Growth.LOG:
            return np.log2(size + 1)
        if self is Growth.LINEARITHMIC:
            return size * np.log2(size + 1)
        power: NDArray[np.float64] = size ** {Growth.LINEAR: 1.0, Growth.QUADRATIC: 2.0}.get(self, exponent)
        return power


CLASSES = tuple(growth for growth in Growth if growth is not Growth.POWER)
"""The growths of which nothing but the scale is fitted."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """cost = overhead + scale * shape(size), fitted to logarithms of costs.

    Parameters
    ----------
    growth : Growth
    scale : float
    overhead : float
        0 where the curve has none.
    exponent : float
        Of the power law; 1 elsewhere, where it says nothing.
    covariance : float64[p, p]
        Of the logarithms of the scale and, if there is one, of the overhead, and of the exponent of a power law.
    deviation : float
        Standard deviation of the logarithms about the curve.
    degrees : int
        Degrees of freedom of `deviation`.
    aicc : float
        Akaike's criterion with the correction for few points: lower is better.
    """

    growth: Growth
    scale: float
    overhead: float
    exponent: float
    covariance: NDArray[np.float64]
    deviation: float
    degrees: int
    aicc: float

    @property
    def looks_like(self) -> str:
        """The growth in writing, a power law with its exponent."""
        return f"O(n^{self.exponent:.2f})" if self.growth is Growth.POWER else str(self.growth)

    @property
    def squares(self) -> float:
        """Sum of the squared logarithms about the curve."""
        return self.deviation**2 * self.degrees

    def is_worse(self, other: "Curve") -> bool:
        """Whether it fits significantly worse than `other`, at 95% by the F test on one parameter."""
        degrees = min(self.degrees, other.degrees)
        return self.squares > other.squares * (1 + t_quantile(0.975, degrees) ** 2 / degrees)

    def shape(self, sizes: ArrayLike) -> NDArray[np.float64]:
        """The part that grows, without its scale."""
        return self.growth.shape(np.asarray(sizes, np.float64), self.exponent)

    def cost(self, sizes: ArrayLike) -> NDArray[np.float64]:
        """Cost at `sizes`, in the unit of the costs that were fitted."""
        return self.overhead + self.scale * self.shape(sizes)

    def error(self, sizes: ArrayLike) -> NDArray[np.float64]:
        """Standard error of the logarithm of the cost at `sizes`, by the delta method."""
        gradient = _gradient(self.growth, self.scale, self.overhead, self.exponent, np.asarray(sizes, np.float64))
        variance: NDArray[np.float64] = np.einsum("...i,ij,...j->...", gradient, self.covariance, gradient)
        return np.sqrt(np.maximum(variance, 0.0))


@dataclass(frozen=True, slots=True)
class Prediction:
    """A cost that was not measured.

    Parameters
    ----------
    cost, low, high : float
        By the best curve, and the interval for one further measurement, over all supported curves. It is one of 95% up
        to `FAR` times beyond what was measured.
    extrapolated : bool
        Whether the size lies outside what was measured.
    """

    cost: float
    low: float
    high: float
    extrapolated: bool


@dataclass(frozen=True, slots=True, eq=False)
class GrowthFit:
    """Every curve that could be fitted, the best first.

    Parameters
    ----------
    curves : tuple of Curve
        Those of `CLASSES`, by ascending AICc.
    powers : tuple of Curve
        The power law, and what else was fitted with a free exponent.
    smallest, largest : float
        The range of the sizes measured.
    leading : Curve or None
        What is taken for the best in place of the first, as :func:`harness.statistics.rising.rise` does where that
        contradicts the exponent.
    """

    curves: tuple[Curve, ...]
    powers: tuple[Curve, ...]
    smallest: float
    largest: float
    leading: Curve | None = None

    @property
    def best(self) -> Curve:
        """The curve of the lowest AICc, unless another leads."""
        return self.leading or self.curves[0]

    @property
    def supported(self) -> tuple[Curve, ...]:
        """The best curve and all that the data leave open beside it.

        These are the fewest of which one is the true one with 95%, as far as the curves go; and the power laws that
        fit not significantly worse than the best of them. With few sizes Akaike's criterion drops a power law for its
        free exponent alone: what grows as n^1.1 would be foretold as O(n log n).
        """
        needed = int(np.searchsorted(np.cumsum(self._evidence()), SUPPORT)) + 1
        against = self.best if self.best.growth is Growth.POWER else None  # what no growth but a power describes
        classes = (curve for curve in self.curves[:needed] if against is None or not curve.is_worse(against))
        others = (*classes, *(power for power in self.powers if not power.is_worse(self.curves[0])))
        return (self.best, *(curve for curve in others if curve is not self.best))

    def is_far(self, size: float) -> bool:
        """Whether `size` is so far beyond what was measured that no interval can be claimed there."""
        return not self.smallest / FAR <= size <= self.largest * FAR

    def weights(self) -> dict[Growth, float]:
        """Akaike weight of each growth, with and without overhead together; they add to 1."""
        shares: dict[Growth, float] = dict.fromkeys(CLASSES, 0.0)
        for curve, share in zip(self.curves, self._evidence(), strict=True):
            shares[curve.growth] += float(share)
        return shares

    def _evidence(self) -> NDArray[np.float64]:
        evidence = np.exp([(self.curves[0].aicc - curve.aicc) / 2 for curve in self.curves])
        return np.asarray(evidence / evidence.sum(), np.float64)

    def predict(self, size: float, confidence: float = 0.95) -> Prediction:
        """Cost at `size` with its prediction interval, which reaches as far as any supported curve's.

        Raises
        ------
        MeasurementError
            If `size` is not above zero.

        Notes
        -----
        In simulations at 3% noise, 2 to 100 times beyond the largest of 5 or 7 sizes, costs of nine growths (n^0.5,
        n^1.1 and n^1.3 beside something fixed among them) lay within in 87 to 100%, by fits as `rise` leads them. The
        best curve's interval alone held the truth in as little as 37%; without the power law that of n^1.1, in 1%.
        """
        if not 0 < size < math.inf:
            raise MeasurementError(f"a prediction for size {size}; expected a size above zero")
        ends = []
        for curve in self.supported:
            centre = math.log(float(curve.cost(size)))
            error = math.hypot(float(curve.error(size)), curve.deviation)
            reach = t_quantile(0.5 + confidence / 2, curve.degrees) * error
            ends += [centre - reach, centre + reach]
        inside = self.smallest <= size <= self.largest
        return Prediction(float(self.best.cost(size)), _exp(min(ends)), _exp(max(ends)), not inside)


def fit_growth(sizes: ArrayLike, costs: ArrayLike) -> GrowthFit:
    """Fit every growth, without and with a fixed overhead, and order the curves by AICc [1]_.

    Noise is taken as a share of the cost, so that logarithms are fitted. Repetitions at one size are averaged first.
    An overhead that the data do not show (none of it, or nothing but it) leaves its curve out.

    Raises
    ------
    MeasurementError
        If there are fewer than five different sizes, or a size or cost is not finite and above zero.

    References
    ----------
    .. [1] C. M. Hurvich, C.-L. Tsai, Regression and time series model selection in small samples, Biometrika 76
       (1989), 297-307.
    """
    points = points_of(sizes, costs, LEAST_SIZES)
    curves = [_pure(growth, points) for growth in CLASSES]
    fitted = (_with_overhead(growth, points) for growth in CLASSES if growth is not Growth.CONSTANT)
    curves += [curve for curve in fitted if curve is not None]
    curves.sort(key=lambda curve: curve.aicc)
    return GrowthFit(tuple(curves), (_power(points),), float(points.size[0]), float(points.size[-1]))


def _pure(growth: Growth, points: Points) -> Curve:
    logs = points.log_cost - np.log(growth.shape(points.size))
    return curve_of(growth, points, math.exp(float(logs.mean())), 0.0)


def _power(points: Points) -> Curve:
    logs = np.log(points.size)
    exponent, scale = np.polynomial.polynomial.polyfit(logs, points.log_cost, 1)[::-1]
    return curve_of(Growth.POWER, points, math.exp(scale), 0.0, float(exponent))


def _with_overhead(growth: Growth, points: Points) -> Curve | None:
    """The best ratio of overhead to scale by search, the scale in closed form for each; None at an end of the range.

    The ratio runs over e^14 to either side of the shapes measured: beyond, one of the two is below 1e-6 of the cost.
    """
    shape = growth.shape(points.size)
    low, high = math.log(shape.min()) + _SHARES[0], math.log(shape.max()) + _SHARES[-1]
    grid = np.linspace(low, high, len(_SHARES))
    for _ in range(8):
        logs = points.log_cost - np.log(np.exp(grid)[:, np.newaxis] + shape)
        best = int(np.argmin(logs.var(axis=1)))
        if best in {0, len(grid) - 1}:
            return None
        found = grid[best], float(logs[best].mean())
        grid = np.linspace(grid[best - 1], grid[best + 1], len(grid))
    ratio, log_scale = found
    return curve_of(growth, points, math.exp(log_scale), math.exp(ratio + log_scale))


def curve_of(growth: Growth, points: Points, scale: float, overhead: float, exponent: float = 1.0) -> Curve:
    """The curve of these fitted parameters; its AICc is infinite where there are too few points for one."""
    count = len(points)
    gradient = _gradient(growth, scale, overhead, exponent, points.size)
    parameters = gradient.shape[1]
    residual = points.log_cost - np.log(overhead + scale * growth.shape(points.size, exponent))
    squares = float(residual @ residual)
    degrees = count - parameters
    variance = squares / degrees
    fitted = parameters + 1  # the noise is fitted too
    correction = 2 * fitted * (fitted + 1) / (count - fitted - 1) if count > fitted + 1 else math.inf
    aicc = count * math.log(max(squares / count, _LEAST_VARIANCE)) + 2 * fitted + correction
    covariance = np.linalg.pinv(gradient.T @ gradient) * variance
    return Curve(growth, scale, overhead, exponent, covariance, math.sqrt(variance), degrees, aicc)


def _gradient(
    growth: Growth, scale: float, overhead: float, exponent: float, size: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Derivative of the logarithm of the cost by the logarithms of scale and overhead, and by a power's exponent."""
    variable = scale * growth.shape(size, exponent)
    share = variable / (variable + overhead)
    parts = [share]
    if overhead:
        parts.append(1 - share)
    if growth is Growth.POWER:
        parts.append(share * np.log(size))
    return np.stack(parts, axis=-1)


def _exp(value: float) -> float:
    return math.exp(value) if value < math.log(np.finfo(np.float64).max) else math.inf
