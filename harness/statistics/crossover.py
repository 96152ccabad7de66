"""From which size on one implementation overtakes another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.growth import GrowthFit

REACH = 100.0
"""How far beyond the sizes measured a crossover is looked for, as a factor."""

_STEPS = 20_001


@dataclass(frozen=True, slots=True)
class Crossover:
    """A size at which two cost curves cross.

    Parameters
    ----------
    size : float
    low, high : float or None
        Ends of its interval; None where it reaches beyond what was looked at.
    second_wins_above : bool
        Whether the second curve is the cheaper one above `size` (else below).
    extrapolated : bool
        Whether `size` lies outside what was measured for either.
    """

    size: float
    low: float | None
    high: float | None
    second_wins_above: bool
    extrapolated: bool


def crossovers(first: GrowthFit, second: GrowthFit, confidence: float = 0.95) -> tuple[Crossover, ...]:
    """Where the best curves of `first` and `second` cross, ascending; none if one is cheaper throughout.

    The interval of a crossing holds the sizes around it at which the two costs do not differ significantly. For
    straight lines in logarithms that is Fieller's interval [1]_, which may be open to one side; the degrees of
    freedom of the difference are Welch's [2]_. It takes the chosen growths for true.

    References
    ----------
    .. [1] E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954), 175-185.
    .. [2] B. L. Welch, The generalization of Student's problem when several different population variances are
       involved, Biometrika 34 (1947), 28-35.
    """
    smallest, largest = min(first.smallest, second.smallest), max(first.largest, second.largest)
    sizes = np.geomspace(smallest / REACH, largest * REACH, _STEPS)
    difference = np.log(first.best.cost(sizes)) - np.log(second.best.cost(sizes))
    differs = np.abs(difference) > _allowance(first, second, sizes, confidence)
    found = []
    for step in np.flatnonzero((difference[:-1] > 0) != (difference[1:] > 0)):
        size = _between(sizes, difference, int(step))
        below, above = np.flatnonzero(differs[: step + 1]), np.flatnonzero(differs[step + 1 :])
        low = float(sizes[below[-1]]) if len(below) else None
        high = float(sizes[step + 1 + above[0]]) if len(above) else None
        measured = max(first.smallest, second.smallest) <= size <= min(first.largest, second.largest)
        found.append(Crossover(size, low, high, bool(difference[step + 1] > 0), not measured))
    return tuple(found)


def _between(sizes: NDArray[np.float64], difference: NDArray[np.float64], step: int) -> float:
    """The crossing between two steps, the difference being straight in the logarithm of the size there."""
    share = difference[step] / (difference[step] - difference[step + 1])
    return float(sizes[step] * (sizes[step + 1] / sizes[step]) ** share)


def _allowance(
    first: GrowthFit, second: GrowthFit, sizes: NDArray[np.float64], confidence: float
) -> NDArray[np.float64]:
    """How large a difference of the logarithms may be by chance, at each size."""
    from scipy.special import stdtrit

    one, other = first.best.error(sizes) ** 2, second.best.error(sizes) ** 2
    together = one + other
    weighed = one**2 / first.best.degrees + other**2 / second.best.degrees
    degrees = np.divide(together**2, weighed, out=np.ones_like(together), where=weighed > 0)
    quantile = np.asarray(stdtrit(degrees, 0.5 + confidence / 2), np.float64)
    return quantile * np.sqrt(together)
