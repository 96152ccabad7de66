"""From which size on one implementation overtakes another."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.statistics.growth import Curve, GrowthFit

REACH = 100.0
"""How far beyond the sizes measured a crossover is looked for, as a factor."""

_STEPS = 4_001


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
    freedom of the difference are Welch's [2]_. A crossing beyond the sizes measured is reported only if every
    supported curve of the one crosses every supported curve of the other there too; its interval reaches as far as
    any of theirs.

    References
    ----------
    .. [1] E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954), 175-185.
    .. [2] B. L. Welch, The generalization of Student's problem when several different population variances are
       involved, Biometrika 34 (1947), 28-35.
    """
    smallest, largest = max(first.smallest, second.smallest), min(first.largest, second.largest)
    reached = min(first.smallest, second.smallest) / REACH, max(first.largest, second.largest) * REACH
    sizes = np.geomspace(*reached, _STEPS)
    found = []
    for size, low, high, second_wins in _crossings(first.best, second.best, sizes, confidence):
        if smallest <= size <= largest:
            found.append(Crossover(size, low, high, second_wins, extrapolated=False))
            continue
        beyond = sizes >= largest if size > largest else sizes <= smallest
        if _all_cross(first, second, sizes[beyond]):
            ends = _widest(first, second, sizes, sizes[beyond], confidence)
            found.append(Crossover(size, *ends, second_wins, extrapolated=True))
    return tuple(found)


def _widest(
    first: GrowthFit, second: GrowthFit, sizes: NDArray[np.float64], beyond: NDArray[np.float64], confidence: float
) -> tuple[float | None, float | None]:
    """How far the intervals of all crossings `beyond` reach, of every supported curve with every other."""
    lows: list[float | None] = []
    highs: list[float | None] = []
    for one in first.supported:
        for other in second.supported:
            for size, low, high, _ in _crossings(one, other, sizes, confidence):
                if beyond[0] <= size <= beyond[-1]:
                    lows.append(low)
                    highs.append(high)
    known_lows, known_highs = ([end for end in ends if end is not None] for ends in (lows, highs))
    low = min(known_lows) if len(known_lows) == len(lows) else None
    return low, max(known_highs) if len(known_highs) == len(highs) else None


def _crossings(
    first: Curve, second: Curve, sizes: NDArray[np.float64], confidence: float
) -> Iterator[tuple[float, float | None, float | None, bool]]:
    difference = np.log(first.cost(sizes)) - np.log(second.cost(sizes))
    differs = np.abs(difference) > _allowance(first, second, sizes, confidence)
    for step in np.flatnonzero((difference[:-1] > 0) != (difference[1:] > 0)):
        below, above = np.flatnonzero(differs[: step + 1]), np.flatnonzero(differs[step + 1 :])
        low = float(sizes[below[-1]]) if len(below) else None
        high = float(sizes[step + 1 + above[0]]) if len(above) else None
        yield _between(sizes, difference, int(step)), low, high, bool(difference[step + 1] > 0)


def _all_cross(first: GrowthFit, second: GrowthFit, sizes: NDArray[np.float64]) -> bool:
    """Whether every two supported curves change places between the ends of `sizes`."""
    ends = sizes[[0, -1]]
    pairs = [one.cost(ends) > other.cost(ends) for one in first.supported for other in second.supported]
    return all(before != after for before, after in pairs)


def _between(sizes: NDArray[np.float64], difference: NDArray[np.float64], step: int) -> float:
    """The crossing between two steps, the difference being straight in the logarithm of the size there."""
    share = difference[step] / (difference[step] - difference[step + 1])
    return float(sizes[step] * (sizes[step + 1] / sizes[step]) ** share)


def _allowance(first: Curve, second: Curve, sizes: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
    """How large a difference of the logarithms may be by chance, at each size."""
    from scipy.special import stdtrit

    one, other = first.error(sizes) ** 2, second.error(sizes) ** 2
    together = one + other
    weighed = one**2 / first.degrees + other**2 / second.degrees
    degrees = np.divide(together**2, weighed, out=np.ones_like(together), where=weighed > 0)
    quantile = np.asarray(stdtrit(degrees, 0.5 + confidence / 2), np.float64)
    return quantile * np.sqrt(together)
