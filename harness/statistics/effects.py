"""The effect of a pair: how much longer the candidate takes than the baseline, as a logarithm.

An effect is ln(time per reading of the candidate / of the baseline): 0 is equal, 0.05 about 5% slower, and
swapping the two changes only its sign.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import MeasurementError
from harness.statistics.intervals import Interval

Order = Literal["ABBA", "BAAB"]
ORDERS: tuple[Order, Order] = ("ABBA", "BAAB")


@dataclass(frozen=True, slots=True)
class Block:
    """Four samples in turns, A being the baseline and B the candidate.

    Parameters
    ----------
    order : "ABBA" or "BAAB"
    per_reading_ns : tuple of four floats
        Time per reading of each sample, in the order they were taken.

    Examples
    --------
    >>> round(Block("ABBA", (100.0, 110.0, 110.0, 100.0)).effect, 4)
    0.0953
    """

    order: Order
    per_reading_ns: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        if self.order not in ORDERS or len(self.per_reading_ns) != 4:
            raise MeasurementError(
                f"a block of {self.order!r} with {len(self.per_reading_ns)} samples; expected ABBA or BAAB"
            )

    @property
    def effect(self) -> float:
        """The effect of this block; a drift of the machine that is linear over the block cancels out."""
        times = np.asarray(self.per_reading_ns)
        is_candidate = np.array([letter == "B" for letter in self.order])
        return float(block_effects(times[~is_candidate], times[is_candidate]))


def block_effects(baseline: ArrayLike, candidate: ArrayLike) -> NDArray[np.float64]:
    """Effects of blocks: the mean logarithm of the candidate's two samples less that of the baseline's.

    Parameters
    ----------
    baseline, candidate : float64[..., 2]
        Times per reading, above zero, in any unit that both share.

    Raises
    ------
    MeasurementError
        If a time is not a finite number above zero.

    Notes
    -----
    In A B B A the two A and the two B have the same mean position, so that a linear drift of the logarithms
    cancels exactly; means of logarithms make the effect antisymmetric, which means of times would not.
    """
    logs = []
    for name, times in (("baseline", baseline), ("candidate", candidate)):
        array = np.asarray(times, np.float64)
        if not (np.all(array > 0) and np.all(np.isfinite(array))):
            raise MeasurementError(
                f"a sample of the {name} took no time; expected finite times above zero: sample for longer"
            )
        logs.append(np.log(array).mean(axis=-1))
    return np.asarray(logs[1] - logs[0])


def pair_effect(blocks: Sequence[Block]) -> float:
    """Effect of a pair: the median over its blocks; raises MeasurementError without a block."""
    if not blocks:
        raise MeasurementError("a pair without a block has no effect; expected at least one block")
    return float(np.median([block.effect for block in blocks]))


def count_outliers(values: ArrayLike) -> int:
    """How many `values` lie beyond Tukey's fences, 1.5 interquartile ranges outside the quartiles [1]_.

    They are counted, never removed. Fewer than four values have no outliers.

    References
    ----------
    .. [1] J. W. Tukey, Exploratory Data Analysis, Addison-Wesley 1977, section 2E.
    """
    array = np.asarray(values, np.float64)
    if array.size < 4:
        return 0
    low, high = np.quantile(array, [0.25, 0.75])
    reach = 1.5 * (high - low)
    return int(np.count_nonzero((array < low - reach) | (array > high + reach)))


@dataclass(frozen=True, slots=True)
class SpeedUp:
    """Time of the baseline over time of the candidate: above 1 the candidate is faster.

    Parameters
    ----------
    ratio, low, high : float
        The geometric mean over the pairs and the ends of its interval.
    """

    ratio: float
    low: float
    high: float

    @classmethod
    def of(cls, interval: Interval) -> Self:
        """The speed-up that an interval of effects stands for."""
        return cls(math.exp(-interval.estimate), math.exp(-interval.high), math.exp(-interval.low))
