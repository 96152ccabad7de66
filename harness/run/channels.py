"""Measure channels: each proved, then timed by turns with a baseline, and its hand-over watched; one result each."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.discovery import Entry
from harness.measure.channels.live import CAPACITY, HandOvers, LiveChannel, cpus_for_sides
from harness.measure.load.tail import tail_of
from harness.measure.processes.affinity import Elsewhere
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import Effort
from harness.measure.speed.pairing import Sample, take_alone, take_pair
from harness.measure.speed.throughput import Versus, speed_up_of
from harness.results import Carried, ChannelResult, HandOver, Interval
from harness.run.channel_proof import prove_channel
from harness.statistics.histogram import Histogram
from harness.statistics.processes import per_second

BASELINE = "queue"
BATCHES = (100, 1_000, 10_000)
HAND_OVER_BATCH = 1_000
HAND_OVER_PER_S = 1_000_000.0
"""Batches of 1,000 at the load the case study asks for: a thousand hand-overs a second."""

Say = Callable[[str], None]


@dataclass(slots=True)
class _Taken:
    """What was taken from one channel, by length of batch: one row of samples a pair of fresh processes."""

    samples: dict[int, list[Sequence[Sample]]] = field(default_factory=dict)
    hand_overs: list[HandOvers] = field(default_factory=list)
    checked: dict[int, int] = field(default_factory=dict)
    pairs: int = 0

    def processes(self, batches: Sequence[int]) -> int:
        """How many fresh processes gave samples of all lengths of batch."""
        return min(len(self.samples.get(batch, ())) for batch in batches)


class _Ended(Exception):  # noqa: N818  (carries whose failure it was)
    """One of the two of a pair could not go on."""

    def __init__(self, label: str, failure: WorkerFailure) -> None:
        super().__init__(f"{label}: {failure}")
        self.label = label
        self.failure = failure


class _Guarded:
    """A live channel whose failures carry its label."""

    windows = 1

    def __init__(self, live: LiveChannel) -> None:
        self.live = live

    def do(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self.live, name)(*arguments)
        except WorkerFailure as failure:
            raise _Ended(self.live.entry.label, failure) from failure

    def sample(self, audit: int | None) -> Sample:
        sample: Sample = self.do("sample", audit)
        return sample


class ChannelRun:
    """Measures channels against one baseline.

    Parameters
    ----------
    baseline : Entry
    candidates : sequence of Entry
    batches : sequence of int
        Lengths of batches to measure readings a second with.
    effort : Effort
    limits : Limits
    seed : int
        Of the order of turns.
    """

    def __init__(
        self,
        baseline: Entry,
        candidates: Sequence[Entry],
        batches: Sequence[int],
        effort: Effort,
        limits: Limits,
        seed: int,
    ) -> None:
        self._baseline = baseline
        self._candidates = [entry for entry in candidates if entry.label != baseline.label]
        self._batches = tuple(batches)
        self._effort = effort
        self._limits = limits
        self._rng = random.Random(seed)
        self._cpus = cpus_for_sides()
        self._taken: dict[str, _Taken] = {}

    def results(self, say: Say = lambda _: None) -> Iterator[ChannelResult]:
        """A result for each candidate as soon as it is there, then one for the baseline."""
        proofs = {}
        for entry in (self._baseline, *self._candidates):
            say(f"proving {entry.label}")
            proofs[entry.label] = prove_channel(entry, self._limits)
        baseline = proofs[self._baseline.label]
        for entry in self._candidates:
            result = proofs[entry.label]
            if result.verified:
                result = self._measured(entry, result, baseline, say)
            yield result
        if baseline.verified:
            taken = self._taken.get(self._baseline.label, _Taken())
            enough = taken.processes(self._batches) >= self._effort.least_pairs  # a candidate that failed leaves fewer
            baseline = self._with_figures(baseline, {}) if enough else self._alone(baseline, say)
        yield baseline

    def _measured(self, entry: Entry, result: ChannelResult, baseline: ChannelResult, say: Say) -> ChannelResult:
        try:
            effects = self._duel(entry, say) if baseline.verified else None
        except _Ended as ended:
            if ended.label == entry.label:
                return replace(result, status=ended.failure.status, reason=ended.failure.reason)
            return replace(result, notes=(f"not timed: the baseline {ended}",))
        if effects is None:
            return replace(result, notes=(f"not timed: the baseline {baseline.channel} is {baseline.status}",))
        return self._with_figures(result, effects)

    def _duel(self, entry: Entry, say: Say) -> dict[int, list[float]]:
        """Pairs of fresh processes until every interval is narrow enough: effects by length of batch."""
        stopping = self._effort.stopping(len(self._candidates) * len(self._batches))
        effects: dict[int, list[float]] = {batch: [] for batch in self._batches}
        while not all(stopping.done(found) for found in effects.values()):
            done = len(effects[self._batches[0]])
            expected = max(stopping.expected_pairs(found) for found in effects.values())
            say(f"{entry.label} against {self._baseline.label}, pair {done + 1} of {expected}")
            for batch, effect in self._pair(entry).items():
                effects[batch].append(effect)
        return effects

    def _pair(self, entry: Entry) -> dict[int, float]:
        limits = replace(
            self._limits, hash_seed=self._rng.randrange(1, 2**32), padding_bytes=self._rng.randrange(0, 4096)
        )
        first, second = (
            _Guarded(LiveChannel(one, limits, self._effort, self._cpus)) for one in (self._baseline, entry)
        )
        effects = {}
        with first.live, second.live, Elsewhere(self._cpus):
            for side in (first, second):
                side.do("open")
            for batch in self._rng.sample(self._batches, len(self._batches)):
                for side in (first, second):
                    side.do("prepare", batch)
                pair = take_pair(first, second, self._effort.blocks, self._rng)
                effects[batch] = pair.effect
                for side, samples in ((first, pair.baseline), (second, pair.candidate)):
                    self._book(side, batch, samples)
            for side in self._rng.sample((first, second), 2):
                self._watch(side)
        for side in (first, second):
            self._taken[side.live.entry.label].pairs += 1
        return effects

    def _alone(self, result: ChannelResult, say: Say) -> ChannelResult:
        """The baseline without anything to compare it with, in as many fresh processes as the least number of pairs."""
        try:
            for number in range(self._effort.least_pairs):
                say(f"{result.channel} alone, {number + 1} of {self._effort.least_pairs}")
                side = _Guarded(LiveChannel(self._baseline, self._limits, self._effort, self._cpus))
                with side.live, Elsewhere(self._cpus):
                    side.do("open")
                    for batch in self._batches:
                        side.do("prepare", batch)
                        self._book(side, batch, take_alone(side, 2 * self._effort.blocks, self._rng))
                    self._watch(side)
        except _Ended as ended:
            return replace(result, status=ended.failure.status, reason=ended.failure.reason)
        return self._with_figures(result, {})

    def _book(self, side: _Guarded, batch: int, samples: Sequence[Sample]) -> None:
        taken = self._taken.setdefault(side.live.entry.label, _Taken())
        taken.samples.setdefault(batch, []).append(samples)
        taken.checked[batch] = taken.checked.get(batch, 0) + sum(sample.readings for sample in samples)

    def _watch(self, side: _Guarded) -> None:
        """Watch hand-overs for as long as the effort puts a processor under load."""
        side.do("prepare", HAND_OVER_BATCH)
        interval_ns = round(HAND_OVER_BATCH / HAND_OVER_PER_S * 1e9)
        count = math.ceil(max(1.0, self._effort.latency_s) * 1e9 / interval_ns)
        self._taken[side.live.entry.label].hand_overs.append(side.do("hand_over", count, interval_ns))

    def _with_figures(self, result: ChannelResult, effects: dict[int, list[float]]) -> ChannelResult:
        taken = self._taken[result.channel]
        comparisons = len(self._candidates) * len(self._batches)
        carried = []
        for batch in self._batches:
            samples = taken.samples[batch]
            rate = per_second([[sample.per_reading_ns for sample in of_one] for of_one in samples])
            versus = Versus(tuple(effects[batch]), True) if effects else None
            carried.append(
                Carried(
                    batch,
                    Interval(rate.estimate, rate.low, rate.high),
                    sum(map(len, samples)),
                    taken.pairs,
                    taken.checked[batch],
                    speed_up_of(versus, self._baseline.label, comparisons, self._effort) if versus else None,
                )
            )
        one = self._cpus[0] == self._cpus[1]
        notes = ("both sides shared one CPU: hand-over is by turns of the scheduler",) if one else ()
        return replace(
            result,
            capacity=CAPACITY,
            cpus=self._cpus,
            carried=tuple(carried),
            hand_over=hand_over_of(taken.hand_overs) if taken.hand_overs else None,
            notes=notes,
        )


def hand_over_of(stretches: Sequence[HandOvers]) -> HandOver:
    """Several stretches as one: percentiles are medians over them, the maximum is that of all."""
    histograms = []
    for stretch in stretches:
        histogram = Histogram()
        histogram.record(stretch.took_ns)
        histograms.append(histogram)
    quoted = [histogram.percentiles() for histogram in histograms]
    whole = Histogram.merged(histograms)
    share, tail_ns = tail_of(whole)
    slips = np.concatenate([stretch.slip_ns[stretch.slip_ns >= 0] for stretch in stretches])
    return HandOver(
        HAND_OVER_BATCH,
        HAND_OVER_PER_S,
        whole.count,
        p50_s=median(one.p50_ns or 0 for one in quoted) / 1e9,
        p99_s=median(one.p99_ns or 0 for one in quoted) / 1e9,
        p999_s=_seconds(whole.percentiles().p999_ns),
        max_s=(whole.max_ns or 0) / 1e9,
        details={
            "stretches": [{"p50_s": _seconds(one.p50_ns), "p99_s": _seconds(one.p99_ns)} for one in quoted],
            "slip_p99_s": float(np.percentile(slips, 99)) / 1e9 if len(slips) else None,
            "tail_share": _rounded(share),
            "tail_s": _rounded(tail_ns / 1e9),
        },
    )


def _seconds(value_ns: int | None) -> float | None:
    return None if value_ns is None else value_ns / 1e9


def _rounded(values: NDArray[Any]) -> list[float]:
    return [float(f"{value:.4g}") for value in values.tolist()]
