"""Take comparisons whose truth is known: identical code, and code slowed by a planted share."""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.measure.processes.handle import Limits
from harness.measure.speed.effort import EFFORTS, Effort
from harness.measure.speed.throughput import Account, Duel, Taken, cpus_for
from harness.results import Level
from harness.run.sentinels import delayed_entry
from harness.statistics.verdict import judge
from harness.stream import Stream, readings_to_fill

KIND = "known comparison"
SUBJECT = "sorted_indexed"
WARM_UP_S = 0.2
PLANTED_SHARES = (0.0, 0.02, 0.05, 0.10)

WANTED: Mapping[Level, tuple[int, int]] = {Level.DEFAULT: (500, 100), Level.QUICK: (20, 0), Level.RIGOROUS: (10, 10)}
"""Comparisons of identical code, and for each planted slowdown, by level: the levels beside the default are there for
what they cost."""


@dataclass(frozen=True, slots=True)
class Known:
    """One comparison of known truth, as it is stored.

    Parameters
    ----------
    planted : float
        The share by which the candidate was slowed; 0 for identical code.
    level : str
    effects : tuple of float
        One a pair.
    verdict : str
    half_width : float or None
        Of the interval of the effect.
    seconds : float
    baseline_ns, candidate_ns : tuple of float
        Time per reading of every sample, for other tools' rules.
    """

    planted: float
    level: str
    effects: tuple[float, ...]
    verdict: str
    half_width: float | None
    seconds: float
    baseline_ns: tuple[float, ...]
    candidate_ns: tuple[float, ...]


def effort_for(level: Level) -> Effort:
    """The level's effort on light workers: the warm-up cut to what they need, the interval asked for at +-2%."""
    effort = EFFORTS[level]
    width = min(effort.width, 0.02)
    return replace(effort, warm_up_s=WARM_UP_S, width=width, keeps_baseline=False)


def schedule(identical: int, planted: int) -> list[float]:
    """The planted share of each comparison, mixed evenly so that a part of the whole holds a part of each."""
    wanted = {share: identical if share == 0 else planted for share in PLANTED_SHARES}
    places = [((index + 0.5) / count, share) for share, count in wanted.items() if count for index in range(count)]
    return [share for _, share in sorted(places)]


def take(stream: Stream, shares: list[float], level: Level, seed: int) -> Iterator[Known]:
    """Take one comparison for each of `shares`, each judged as the only candidate of its run."""
    effort = effort_for(level)
    baseline = delayed_entry(SUBJECT, 1e-6)  # the same code path on both sides: only the spinning differs
    for number, share in enumerate(shares):
        candidate = baseline if share == 0 else delayed_entry(SUBJECT, share)
        began_s = time.monotonic()
        taken = Taken(), Taken()
        rng = random.Random(f"{seed} {number}")
        duel = Duel(stream, readings_to_fill(stream), effort, Limits(), 1, lambda *_: [], rng)
        versus = duel.versus(baseline, candidate, cpus_for("one", 1), taken, Account())
        judged = judge(versus.effects)
        yield Known(
            planted=share,
            level=str(level),
            effects=versus.effects,
            verdict=str(judged.verdict),
            half_width=judged.interval.half_width if judged.interval else None,
            seconds=round(time.monotonic() - began_s, 3),
            baseline_ns=tuple(round(sample.per_reading_ns, 4) for sample in taken[0].samples),
            candidate_ns=tuple(round(sample.per_reading_ns, 4) for sample in taken[1].samples),
        )
