"""The space that a constructor declares: its tunable parameters, spread out and sampled."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.contract.parameters import Value

Parameters = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Axis:
    """One tunable parameter.

    Parameters
    ----------
    options : tuple
        The values of a choice; empty for a range of numbers.
    low, high, step : float
    log, whole : bool
        Explored by ratio; whole numbers only.
    """

    name: str
    options: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    log: bool = False
    whole: bool = False

    @classmethod
    def of(cls, name: str, declared: Mapping[str, Any], default: Value) -> "Axis":
        """The axis of a range as a worker describes it."""
        if declared["kind"] == "Choice":
            return cls(name, options=tuple(declared["options"]))
        log = declared["kind"] == "LogRange"
        whole = isinstance(default, int)
        return cls(name, (), declared["low"], declared["high"], declared.get("step", 1), log, whole)

    def at(self, share: float) -> Value:
        """The value that lies at `share` of the axis, 0 to 1.

        >>> Axis("size", low=64, high=1_000_000, log=True, whole=True).at(0.5)
        8000
        """
        if self.options:
            return self.options[min(int(share * len(self.options)), len(self.options) - 1)]
        if self.log:
            value = math.exp(math.log(self.low) + share * math.log(self.high / self.low))
        elif self.whole:
            return int(self.low + self.step * round(share * ((self.high - self.low) // self.step)))
        else:
            value = self.low + share * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return round(value) if self.whole else value

    def share_of(self, value: Value) -> float:
        """Where `value` lies on the axis, 0 to 1: the inverse of `at`."""
        if self.options:
            return (self.options.index(value) + 0.5) / len(self.options)
        number = min(max(float(value), self.low), self.high)
        if self.high == self.low:
            return 0.5
        if self.log:
            return math.log(number / self.low) / math.log(self.high / self.low)
        return (number - self.low) / (self.high - self.low)

    def distribution(self) -> Any:
        """The same for Optuna."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.options:
            return CategoricalDistribution(self.options)
        if self.whole:
            step = 1 if self.log else int(self.step)
            return IntDistribution(math.ceil(self.low), math.floor(self.high), log=self.log, step=step)
        return FloatDistribution(self.low, self.high, log=self.log)


def spread(axes: Sequence[Axis], count: int, seed: int) -> list[dict[str, Value]]:
    """`count` points, the middles of as many equal parts of each axis in drawn company (a Latin hypercube).

    >>> sorted(point["size"] for point in spread([Axis("size", low=1, high=10_000, log=True, whole=True)], 4, seed=0))
    [3, 32, 316, 3162]
    """
    rng = random.Random(seed)
    columns = {}
    for axis in axes:
        strata = list(range(count))
        rng.shuffle(strata)
        columns[axis.name] = [axis.at((stratum + 0.5) / count) for stratum in strata]
    return [{name: values[index] for name, values in columns.items()} for index in range(count)]


def between(axis: Axis, best: Value, tried: Sequence[Value]) -> list[Value]:
    """The values halfway from `best` to the nearest tried ones on both sides, the wider gap first.

    >>> between(Axis("size", low=1, high=65536, log=True, whole=True), 256, [1, 16, 256, 65536])
    [4096, 64]
    """
    here = axis.share_of(best)
    shares = [axis.share_of(value) for value in tried]
    below = max((share for share in shares if share < here), default=0.0)
    above = min((share for share in shares if share > here), default=1.0)
    gaps = sorted(((here - below, (here + below) / 2), (above - here, (here + above) / 2)), reverse=True)
    return [axis.at(middle) for gap, middle in gaps if gap > 0]
