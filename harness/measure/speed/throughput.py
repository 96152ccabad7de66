"""Throughput of a candidate against a baseline: pairs of fresh processes until the interval is narrow enough."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from harness.discovery import Entry
from harness.measure.processes.affinity import Elsewhere, allowed_cpus
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import Effort
from harness.measure.speed.live import GuardedSide, LiveSide, WarmUp
from harness.measure.speed.pairing import Pair, Sample, take_alone, take_pair
from harness.results import Failure, Interval, Service, SetUp, SpeedUp, Throughput
from harness.statistics.processes import per_second
from harness.statistics.steadiness import drift, steadiness
from harness.statistics.verdict import Verdict, judge
from harness.stream import Stream

Checker = Callable[[Entry, Sequence[Sample], Stream], list[Failure]]
"""Checks what the samples of one process handed back; no failure means right."""


class SideFailure(Exception):  # noqa: N818  (carries a failure of one of the two to who knows which cell it ends)
    """One side of a pair could not go on."""

    def __init__(self, entry: Entry, failure: WorkerFailure) -> None:
        super().__init__(f"{entry.label}: {failure}")
        self.entry = entry
        self.failure = failure


class WrongInSample(Exception):  # noqa: N818
    """A timed call handed back a wrong answer."""

    def __init__(self, entry: Entry, failures: list[Failure]) -> None:
        super().__init__(f"{entry.label}: {failures[0]}")
        self.entry = entry
        self.failures = failures


@dataclass(slots=True)
class Account:
    """Where the seconds of a measurement went, and how many worker processes it took."""

    seconds: dict[str, float] = field(default_factory=dict)
    workers: int = 0

    def add(self, what: str, began_s: float) -> float:
        """Book the time since `began_s` under `what` and return the present."""
        now_s = time.monotonic()
        self.seconds[what] = self.seconds.get(what, 0.0) + now_s - began_s
        return now_s

    def rounded(self) -> dict[str, float]:
        """The seconds to the millisecond."""
        return {name: round(value, 3) for name, value in self.seconds.items()}


@dataclass(slots=True)
class Taken:
    """Everything taken so far from one implementation on one stream, over all its pairs.

    Parameters
    ----------
    stretches
        The samples of each pair, with the number of the process that they are of.
    warm_ups
        One a process, by its number.
    """

    stretches: list[tuple[int, tuple[Sample, ...]]] = field(default_factory=list)
    warm_ups: list[WarmUp] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)
    audits: int = 0
    counters: Mapping[str, Any] = field(default_factory=dict)

    def add(self, samples: Sequence[Sample], warm_up: WarmUp, windows: int) -> None:
        """Add what one worker gave; by its `warm_up`, of which it has but one, it is known again."""
        number = next((at for at, known in enumerate(self.warm_ups) if known is warm_up), len(self.warm_ups))
        if number == len(self.warm_ups):
            self.warm_ups.append(warm_up)
        self.stretches.append((number, tuple(samples)))
        self.windows.append(windows)

    @property
    def pairs(self) -> int:
        """In how many pairs they were taken."""
        return len(self.stretches)

    @property
    def processes(self) -> int:
        """How many fresh processes they are of."""
        return len(self.warm_ups)

    @property
    def samples(self) -> list[Sample]:
        """All samples, in the order they were taken."""
        return [sample for _, samples in self.stretches for sample in samples]

    @property
    def ns_by_process(self) -> list[list[list[float]]]:
        """Time per reading, by process and stretch."""
        found: list[list[list[float]]] = [[] for _ in self.warm_ups]
        for number, samples in self.stretches:
            found[number].append([sample.per_reading_ns for sample in samples])
        return found


@dataclass(frozen=True, slots=True)
class Versus:
    """The outcome of a candidate against its baseline."""

    effects: tuple[float, ...]
    stopped_on_width: bool


def cpus_for(threads: str, allowed: int) -> tuple[int, ...]:
    """CPUs for a worker: one and the same for one thread, all that this process may use for many."""
    available = allowed_cpus()
    if threads == "one" or allowed == 1:
        return available[-1:]
    return available[-allowed:]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A baseline's process that stays for the next candidate, with what it was started with."""

    side: GuardedSide
    limits: Limits
    warm_up: WarmUp


class Baselines:
    """The baseline's processes, one a pair, kept alive between candidates; a context manager."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._kept: dict[tuple[Any, ...], _Kept] = {}

    def __enter__(self) -> "Baselines":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def get(self, key: tuple[Any, ...]) -> "_Kept | None":
        """The process kept under `key`: stream, implementation, CPUs and the number of the pair."""
        return self._kept.get(key)

    def keep(self, key: tuple[Any, ...], side: GuardedSide, limits: Limits, warm_up: WarmUp) -> None:
        """Keep a side that was entered already."""
        self._stack.push(side)
        self._kept[key] = _Kept(side, limits, warm_up)

    def clear(self) -> None:
        """End them all."""
        self._kept.clear()
        self._stack.close()


class Duel:
    """Measures candidates against one baseline on one stream.

    Parameters
    ----------
    stream, fill_readings
        The input, and how many readings fill its history.
    effort : Effort
    candidates : int
        Comparisons of the whole run, for the correction of the intervals.
    check : Checker
    rng : random.Random
    baselines : Baselines or None
        Where the baseline's processes are kept, at a level that keeps them.
    """

    def __init__(
        self,
        stream: Stream,
        fill_readings: int,
        effort: Effort,
        limits: Limits,
        candidates: int,
        check: Checker,
        rng: random.Random,
        baselines: Baselines | None = None,
    ) -> None:
        self.stream = stream
        self.fill_readings = fill_readings
        self.effort = effort
        self.limits = limits
        self.candidates = candidates
        self.check = check
        self.rng = rng
        self.baselines = baselines if effort.keeps_baseline else None

    def versus(
        self,
        baseline: Entry,
        candidate: Entry,
        cpus: Sequence[int],
        taken: tuple[Taken, Taken],
        account: Account,
        progress: Callable[[int, int], None] = lambda _done, _expected: None,
    ) -> Versus:
        """Take pairs of `candidate` against `baseline` until enough, adding to `taken` of each."""
        stopping = self.effort.stopping(self.candidates)
        effects: list[float] = []
        while not stopping.done(effects):
            progress(len(effects), stopping.expected_pairs(effects))
            pair = self._pair(len(effects), baseline, candidate, cpus, taken, account)
            effects.append(pair.effect)
        return Versus(tuple(effects), len(effects) < stopping.most)

    def alone(self, entry: Entry, cpus: Sequence[int], taken: Taken, account: Account) -> None:
        """Take as many samples of `entry` by itself as the least number of pairs would hold."""
        for _ in range(self.effort.least_pairs):
            began_s = time.monotonic()
            with self._side(entry, self._limits(cpus)) as side:
                warm_up = self._prepared([side], account, began_s)[0]
                began_s = time.monotonic()
                with Elsewhere(cpus):
                    samples = take_alone(side, 2 * self.effort.blocks, self.rng)
                    taken.counters = taken.counters or side.count()
                began_s = account.add("samples", began_s)
            began_s = account.add("processes", began_s)
            self._settle(entry, samples, warm_up, side, taken)
            account.add("checking timed calls", began_s)

    def _pair(
        self,
        number: int,
        baseline: Entry,
        candidate: Entry,
        cpus: Sequence[int],
        taken: tuple[Taken, Taken],
        account: Account,
    ) -> Pair:
        began_s = time.monotonic()
        key = (self.stream.digest, baseline.label, tuple(cpus), number)
        kept = self.baselines.get(key) if self.baselines else None
        with ExitStack() as stack:
            if kept is not None:
                first, limits, warm_ups = kept.side, kept.limits, [kept.warm_up]
                second = stack.enter_context(self._side(candidate, limits))
                warm_ups += self._prepared([second], account, began_s)
            else:
                limits = self._limits(cpus)
                first = self._side(baseline, limits).__enter__()
                stack.push(first)
                second = stack.enter_context(self._side(candidate, limits))
                warm_ups = self._prepared([first, second], account, began_s)
            began_s = time.monotonic()
            with Elsewhere(cpus):
                pair = take_pair(first, second, self.effort.blocks, self.rng)
                taken[1].counters = taken[1].counters or second.count()
            began_s = account.add("samples", began_s)
            if self.baselines is not None:
                if kept is None:
                    self.baselines.keep(key, first, limits, warm_ups[0])
                stack.pop_all()
                second.__exit__(None, None, None)
        began_s = account.add("processes", began_s)
        self._settle(baseline, pair.baseline, warm_ups[0], first, taken[0])
        self._settle(candidate, pair.candidate, warm_ups[1], second, taken[1])
        account.add("checking timed calls", began_s)
        return pair

    def _side(self, entry: Entry, limits: Limits) -> GuardedSide:
        side = LiveSide(entry, self.stream, limits, self.effort)
        return GuardedSide(side, lambda failure: SideFailure(entry, failure))

    def _limits(self, cpus: Sequence[int]) -> Limits:
        """Random but equal hash seed and environment padding within a pair."""
        return Limits(
            threads=self.limits.threads,
            cpus=cpus,
            memory_bytes=self.limits.memory_bytes,
            hash_seed=self.rng.randrange(1, 2**32),
            padding_bytes=self.rng.randrange(0, 4096),
        )

    def _prepared(self, sides: Sequence[GuardedSide], account: Account, began_s: float) -> list[WarmUp]:
        """Load, start and warm up `sides` in turn; booked under processes and warm-up."""
        warm_ups = [side.prepare(self.fill_readings) for side in sides]
        account.workers += len(sides)
        warm_s = sum(warm_up.seconds + warm_up.start_s for warm_up in warm_ups)
        account.seconds["warm-up"] = account.seconds.get("warm-up", 0.0) + warm_s
        account.add("processes", began_s + warm_s)
        return warm_ups

    def _settle(
        self, entry: Entry, samples: Sequence[Sample], warm_up: WarmUp, side: GuardedSide, taken: Taken
    ) -> None:
        """Check what was audited, then add the samples to what was taken."""
        failures = self.check(entry, samples, self.stream)
        if failures:
            raise WrongInSample(entry, failures)
        taken.add([_without_audit(sample) for sample in samples], warm_up, side.windows)
        taken.audits += sum(sample.audited is not None for sample in samples)


def _without_audit(sample: Sample) -> Sample:
    return Sample(sample.timed_ns, sample.readings, sample.service_ns)


def throughput_of(taken: Taken) -> Throughput:
    """Throughput of one implementation from the medians of its processes, at least two, with its 95% interval."""
    rate = per_second([list(chain(*stretches)) for stretches in taken.ns_by_process])
    samples = taken.samples
    trend = _trend(taken)
    return Throughput(
        per_s=Interval(rate.estimate, rate.low, rate.high),
        samples=len(samples),
        pairs=taken.pairs,
        readings_per_sample=int(np.median([sample.readings for sample in samples])),
        windows_per_sample=int(np.median(taken.windows)),
        warm_up_s=float(np.median([warm_up.seconds for warm_up in taken.warm_ups])),
        warm_up_calls=int(np.median([warm_up.calls for warm_up in taken.warm_ups])),
        history_full=all(warm_up.history_full for warm_up in taken.warm_ups),
        steady=trend.steady,
        sample_ns_per_reading=tuple(round(sample.per_reading_ns, 4) for sample in samples),
        start_s=float(np.median([warm_up.start_s for warm_up in taken.warm_ups])),
        sample_process=tuple(number for number, stretch in taken.stretches for _ in stretch),
        trend=trend.words,
    )


@dataclass(frozen=True, slots=True)
class _Trend:
    """Whether nothing trended, None where too little was taken to say; and what did, in words."""

    steady: bool | None
    words: str | None = None


def _trend(taken: Taken) -> _Trend:
    """Judge the warm-ups over their last half, and the samples within their processes.

    Not steady: two warm-ups or more trended (the only one, of one), or the samples of all processes together did.
    """
    judged = [steadiness(warm_up.per_reading_ns).steady for warm_up in taken.warm_ups]
    known = [steady for steady in judged if steady is not None]
    trending = known.count(False)
    words = []
    if known and trending >= min(2, len(known)):
        words.append(f"{trending} of {len(known)} warm-ups still trended over their last half")
    found = drift(taken.ns_by_process)
    if found is not None and found.steady is False:
        words.append(f"samples became {abs(found.change or 0):.1%} {found.direction} within their processes")
    if words:
        return _Trend(False, "; ".join(words))
    return _Trend(True if known or found is not None else None)


def set_up_of(taken: Taken) -> SetUp:
    """Median set-up cost over the fresh processes."""
    return SetUp(
        start_s=float(np.median([warm_up.start_s for warm_up in taken.warm_ups])),
        first_answer_s=float(np.median([warm_up.first_answer_s for warm_up in taken.warm_ups])),
    )


def service_of(taken: Taken, batch: int) -> Service:
    """Closed-loop service time over all timed calls; a p99 needs 100 of them."""
    service_ns = np.concatenate([sample.service_ns for sample in taken.samples])
    return Service(
        batch=batch,
        calls=len(service_ns),
        p50_s=float(np.median(service_ns)) / 1e9,
        p99_s=float(np.percentile(service_ns, 99)) / 1e9 if len(service_ns) >= 100 else None,
        max_s=float(service_ns.max()) / 1e9,
    )


def speed_up_of(versus: Versus, baseline: str, candidates: int, effort: Effort) -> SpeedUp | None:
    """The speed-up with its interval and verdict, from the effects of the pairs."""
    judged = judge(versus.effects, max(1, candidates))
    if judged.speed_up is None or judged.interval is None:
        return None
    ratio = judged.speed_up
    return SpeedUp(
        ratio=Interval(ratio.ratio, ratio.low, ratio.high),
        baseline=baseline,
        effects=versus.effects,
        confidence=judged.interval.confidence,
        verdict=None if judged.verdict is Verdict.NONE else str(judged.verdict),
        detectable=judged.detectable,
        level=effort.level,
    )
