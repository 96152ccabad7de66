"""Pairs: two live sides taking turns A B B A, block by block. Pure scheduling; the sides do the work."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness.measure.speed.folds import FOLD_DTYPE
from harness.statistics.effects import ORDERS, Block, pair_effect


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Whole windows on one side's clock.

    Parameters
    ----------
    timed_ns, readings
        Time inside the processor's calls, and how many readings that took in.
    service_ns : int64[calls]
        Of each `process` call.
    audited : mapping or None
        What a randomly chosen window handed back, for the checker.
    folds : FOLD_DTYPE[w]
        Of every window, in the order they were fed.
    first_window : int
        Index of the first in the worker's feed.
    """

    timed_ns: int
    readings: int
    service_ns: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    audited: Mapping[str, Any] | None = None
    folds: NDArray[np.void] = field(default_factory=lambda: np.empty(0, FOLD_DTYPE))
    first_window: int = 0

    @property
    def per_reading_ns(self) -> float:
        """Time per reading."""
        return self.timed_ns / self.readings


class Side(Protocol):
    """One of the two that take turns: warmed up and ready."""

    @property
    def windows(self) -> int:
        """Whole windows a sample."""
        ...

    def sample(self, audit: int | None) -> Sample:
        """Take one sample, auditing window `audit` of it, or none."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The blocks of one pair of fresh processes, and all samples of both sides in the order they were taken."""

    blocks: tuple[Block, ...]
    baseline: tuple[Sample, ...]
    candidate: tuple[Sample, ...]

    @property
    def effect(self) -> float:
        """Median over the blocks of ln(time per reading of the candidate / of the baseline)."""
        return pair_effect(self.blocks)


def take_pair(baseline: Side, candidate: Side, blocks: int, rng: random.Random, audits: int = 1) -> Pair:
    """Take `blocks` blocks of A B B A or B A A B, by chance; audit `audits` samples a side, by chance."""
    sides = {"A": baseline, "B": candidate}
    taken: dict[str, list[Sample]] = {"A": [], "B": []}
    audited = {letter: set(rng.sample(range(2 * blocks), min(audits, 2 * blocks))) for letter in sides}
    found = []
    for _ in range(blocks):
        order = rng.choice(ORDERS)
        times = []
        for letter in order:
            side = sides[letter]
            chosen = rng.randrange(side.windows) if len(taken[letter]) in audited[letter] else None
            sample = side.sample(chosen)
            taken[letter].append(sample)
            times.append(sample.per_reading_ns)
        found.append(Block(order, (times[0], times[1], times[2], times[3])))
    return Pair(tuple(found), tuple(taken["A"]), tuple(taken["B"]))


def take_alone(side: Side, samples: int, rng: random.Random, audits: int = 1) -> tuple[Sample, ...]:
    """Samples of one side without a baseline; audit `audits` of them, by chance."""
    audited = set(rng.sample(range(samples), min(audits, samples)))
    return tuple(side.sample(rng.randrange(side.windows) if index in audited else None) for index in range(samples))
