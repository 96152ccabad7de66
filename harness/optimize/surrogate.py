"""Surrogate: what the measurements say of a setting together, its neighbours' included: a Gaussian process.

A short measurement of one setting says little; that its neighbours were cheap too says more. Kernel, length and noise
as in [1]_, chapters 2 and 4; those that make what was measured most likely are taken.

References
----------
.. [1] C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press, 2006.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from harness.optimize.space import Axis, Parameters

Vector = NDArray[np.float64]
_LENGTHS = (0.08, 0.15, 0.3, 0.6)  # of an axis that is 1 long
_SCALES = (0.1, 0.2, 0.4, 0.8)  # of the logarithm of a cost
_NOISES = (0.005, 0.02, 0.05, 0.1, 0.2)  # of the same, at effort 1
_MOST_ABOVE = 1.0
"""So far above the median a value counts: how bad the hopeless ones are says nothing of the good ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Surrogate:
    """A smooth curve through noisy values of settings."""

    axes: Sequence[Axis]
    points: Vector
    level: float
    length: float
    scale: float
    inverse: Vector
    weights: Vector

    @classmethod
    def of(cls, axes: Sequence[Axis], settings: Sequence[Parameters], values: Vector, efforts: Vector) -> Self:
        """Fitted to the mean value of each setting, each over so much effort; O(n**3) for n settings."""
        points = _points(axes, settings)
        level = float(np.median(values))
        centred = np.minimum(values - level, _MOST_ABOVE)
        best: tuple[float, float, float, Vector, Vector] | None = None
        for length, scale in itertools.product(_LENGTHS, _SCALES):
            smooth = _matern(axes, points, points, length, scale)
            for noise in _NOISES:
                covariance = smooth + np.diag(noise**2 / efforts)
                inverse = np.linalg.inv(covariance).astype(np.float64, copy=False)
                weights: Vector = inverse @ centred
                likelihood = -0.5 * float(centred @ weights) - 0.5 * float(np.linalg.slogdet(covariance)[1])
                if best is None or likelihood > best[0]:
                    best = likelihood, length, scale, inverse, weights
        assert best is not None
        return cls(axes, points, level, *best[1:])

    def at(self, settings: Sequence[Parameters]) -> tuple[Vector, Vector]:
        """The expected value of each setting, and how far off that may be (one standard deviation)."""
        covariance = _matern(self.axes, _points(self.axes, settings), self.points, self.length, self.scale)
        known = np.einsum("ij,jk,ik->i", covariance, self.inverse, covariance)
        return covariance @ self.weights + self.level, np.sqrt(np.maximum(self.scale**2 - known, 0.0))


def _points(axes: Sequence[Axis], settings: Sequence[Parameters]) -> Vector:
    return np.array([[axis.share_of(one[axis.name]) for axis in axes] for one in settings], float)


def _matern(axes: Sequence[Axis], these: Vector, those: Vector, length: float, scale: float) -> Vector:
    """Matern's covariance of order 5/2; any two options of a choice are as far apart as the ends of an axis."""
    apart = np.abs(these[:, None, :] - those[None, :, :])
    chosen = [bool(axis.options) for axis in axes]
    apart[:, :, chosen] = apart[:, :, chosen] > 0
    far = np.sqrt(5.0 * (apart**2).sum(2)) / length
    found: Vector = scale**2 * (1.0 + far + far**2 / 3.0) * np.exp(-far)
    return found
