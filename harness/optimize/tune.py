"""Tune: the best parameters of an implementation for a goal, searched for cheaply, confirmed in pairs."""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.contract.parameters import Value
from harness.discovery import Entry
from harness.errors import MeasurementError, UsageError
from harness.machine import fingerprint
from harness.measure.effort import EFFORTS, Effort
from harness.measure.latency import measure_latency
from harness.measure.live import LiveSide
from harness.measure.memory import measure_memory
from harness.measure.pairing import take_pair
from harness.measure.process import Limits, Worker
from harness.measure.status import WorkerFailure
from harness.measure.throughput import Account, Baselines, Duel, SideFailure, Taken, WrongInSample, cpus_for
from harness.optimize.search import Budget, TrialFailed, Tried, best_first, search
from harness.optimize.space import Axis, Parameters
from harness.optimize.tuned import BETTER, Tuned
from harness.results import Interval, Level
from harness.run.inputs import Inputs
from harness.statistics.verdict import LEAST_PAIRS, Verdict, judge
from harness.store import Store
from harness.stream import Stream
from harness.verify import check_window, verify

TRIAL_KIND = "trial"
Goal = Literal["throughput", "p99", "memory"]
_BETTER = {Verdict.FASTER: BETTER, Verdict.SLOWER: "worse", Verdict.SAME: "same"}
_CHEAP = Effort(Level.QUICK, 0.15, 1, 1, 1, 0.05, cell_budget_s=20.0)
_LATENCY_S = 0.5
_PROOF_S = 60.0


@dataclass(frozen=True, slots=True)
class Aim:
    """What is wanted.

    Parameters
    ----------
    goal
        "throughput": least time a reading; "p99": least latency at `offered_per_s`; "memory": least peak.
    most_p99_s, most_memory_bytes
        What no setting may exceed; latency at `offered_per_s`, memory over the runtime.
    """

    goal: Goal = "throughput"
    offered_per_s: float | None = None
    most_p99_s: float | None = None
    most_memory_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.offered_per_s is None and (self.goal == "p99" or self.most_p99_s is not None):
            raise UsageError("a latency is one at a load; give --rate, such as --rate 1e6")

    @property
    def constraints(self) -> dict[str, float]:
        """The limits that are set, by name."""
        limits = {"p99_s": self.most_p99_s, "memory_bytes": self.most_memory_bytes}
        return {name: float(value) for name, value in limits.items() if value is not None}


def axes_of(entry: Entry, limits: Limits, only: Sequence[str]) -> tuple[list[Axis], dict[str, Value]]:
    """The tunable parameters of `entry`, `only` those named, and the values they have now.

    Raises
    ------
    UsageError
        If there is none, or one named is not among them.
    """
    with Worker(entry, limits) as worker:
        described = worker.described
    if described["unavailable"]:
        raise MeasurementError(f"{entry.label}: {described['unavailable']}")
    ranges, now = described["ranges"], described["parameters"]
    unknown = [name for name in only if name not in ranges]
    if unknown or not ranges:
        there = ", ".join(ranges) or "none"
        raise UsageError(f"{entry.name} declares no range for {', '.join(unknown) or 'any parameter'}; it has {there}")
    return [Axis.of(name, ranges[name], now[name]) for name in ranges if not only or name in only], now


class Tuning:
    """Settings of one implementation on one stream, each a trial in fresh processes beside the defaults.

    Parameters
    ----------
    entry : Entry
        With the parameters that tuning begins from.
    stream, workload
        The input, and the workload that says when its readings arrive.
    """

    def __init__(
        self, entry: Entry, stream: Stream, workload: Any, fill_readings: int, aim: Aim, limits: Limits, seed: int
    ) -> None:
        self.entry, self.stream, self.workload, self.aim = entry, stream, workload, aim
        self.fill_readings = fill_readings
        self.rng = random.Random(seed)
        with Worker(entry, limits) as worker:
            cpus = cpus_for(worker.described["threads"], limits.threads)
        self.limits = replace(limits, cpus=cpus)

    def with_(self, parameters: Parameters) -> Entry:
        """The implementation with these parameters over those it begins from."""
        return replace(self.entry, parameters={**self.entry.parameters, **parameters})

    @contextmanager
    def trial(self, parameters: Parameters) -> Iterator[Callable[[int], float]]:
        """A measurement as `search` wants it."""
        entry = self.with_(parameters)
        try:
            if self.aim.goal == "throughput":
                with self._side(self.entry) as start, self._side(entry) as other:
                    start.prepare(self.fill_readings)
                    other.prepare(self.fill_readings)
                    yield lambda effort: self._paired(start, other, entry, effort)
            else:
                yield lambda effort: self._cost(entry, effort) - self._cost(self.entry, effort)
            self._constrain(entry)
        except WorkerFailure as failure:
            raise TrialFailed(f"{failure.status}: {failure.reason}") from failure

    def _side(self, entry: Entry) -> LiveSide:
        return LiveSide(entry, self.stream, self.limits, _CHEAP)

    def _paired(self, start: LiveSide, other: LiveSide, entry: Entry, effort: int) -> float:
        pair = take_pair(start, other, effort, self.rng)
        for sample in pair.candidate:
            failures = check_window(entry.label, self.stream, sample.audited) if sample.audited else []
            if failures:
                raise TrialFailed(f"wrong: {failures[0]}")
        return pair.effect

    def _cost(self, entry: Entry, effort: int) -> float:
        """The logarithm of latency or memory."""
        if self.aim.goal == "memory":
            found: float | None = measure_memory(entry, self.stream, self.limits).peak_bytes
        else:
            found = self._p99_s(entry, effort * _LATENCY_S)
        if not found:
            raise TrialFailed(f"its {self.aim.goal} could not be measured")
        return math.log(found)

    def _p99_s(self, entry: Entry, seconds: float) -> float | None:
        offered = self.aim.offered_per_s
        assert offered is not None
        latency = measure_latency(
            entry, self.stream, self.workload, self.limits, offered_per_s=offered, seconds=seconds, warm_up_s=0.15
        )
        return latency.p99_s if latency.valid and latency.kept_up else None

    def _constrain(self, entry: Entry) -> None:
        aim = self.aim
        if aim.most_memory_bytes is not None:
            peak = measure_memory(entry, self.stream, self.limits).peak_bytes
            if peak is None or peak > aim.most_memory_bytes:
                raise TrialFailed(f"peak memory {peak} bytes; allowed are {aim.most_memory_bytes}")
        if aim.most_p99_s is not None:
            p99_s = self._p99_s(entry, _LATENCY_S)
            if p99_s is None or p99_s > aim.most_p99_s:
                raise TrialFailed(f"p99 {p99_s} s at the load; allowed are {aim.most_p99_s}")

    def proved(self, parameters: Parameters) -> str | None:
        """None if the implementation is right with these parameters on the whole stream, else why not."""
        try:
            proof = verify(self.with_(parameters), self.stream, self.limits, budget_s=_PROOF_S)
        except WorkerFailure as failure:
            return f"{failure.status}: {failure.reason}"
        return None if proof.verified else str(proof.failures[0])

    def confirm(self, parameters: Parameters, level: Level) -> tuple[str, Interval | None, int]:
        """Verdict, ratio and number of pairs of these parameters against those it began from, in fresh processes."""
        entry = self.with_(parameters)
        if self.aim.goal == "throughput":
            effects = self._duel(entry, EFFORTS[level])
        else:
            efforts = range(LEAST_PAIRS)
            effects = tuple(self._cost(entry, 3) - self._cost(self.entry, 3) for _ in efforts)
        judged = judge(effects)
        speed_up = judged.speed_up
        ratio = Interval(speed_up.ratio, speed_up.low, speed_up.high) if speed_up else None
        return _BETTER.get(judged.verdict, "inconclusive"), ratio, len(effects)

    def _duel(self, entry: Entry, effort: Effort) -> tuple[float, ...]:
        effort = replace(effort, least_pairs=max(effort.least_pairs, LEAST_PAIRS), most_pairs=max(effort.most_pairs, 6))

        def check(side: Entry, sample: Any, stream: Stream) -> list[Any]:
            return check_window(side.label, stream, sample.audited)

        with Baselines() as kept:
            duel = Duel(self.stream, self.fill_readings, effort, self.limits, 1, check, self.rng, kept)
            return duel.versus(self.entry, entry, self.limits.cpus, (Taken(), Taken()), Account()).effects


def tune(
    entry: Entry,
    workload: str,
    size: str | None,
    aim: Aim,
    store: Store,
    *,
    only: Sequence[str] = (),
    budget: Budget | None = None,
    level: Level = Level.DEFAULT,
    limits: Limits,
    seed: int = 0,
    told: Callable[[str], None] = lambda _: None,
) -> Tuned:
    """Search, prove the best, confirm it against what it began from; trials in `store` are not made again.

    Raises
    ------
    MeasurementError
        If no setting could be measured.
    """
    axes, start = axes_of(entry, limits, only)
    with Inputs() as inputs:
        stream = inputs.stream(workload, inputs.size(workload, size))
        label, found = inputs.workload(workload)
        tuning = Tuning(entry, stream, found, inputs.fill_readings(stream), aim, limits, seed)
        about = {
            "implementation": entry.label,
            "workload_digest": stream.digest,
            "goal": aim.goal,
            "offered_per_s": aim.offered_per_s,
            "constraints": aim.constraints,
            "axes": [axis.name for axis in axes],
        }

        began_s = time.monotonic()

        def stored(one: Tried) -> None:
            nonlocal began_s
            seconds, began_s = time.monotonic() - began_s, time.monotonic()
            told(f"{_written(one.parameters)}: {one.failure or _shown(one)}")
            values = {
                "parameters": dict(one.parameters),
                "values": list(one.values),
                "failure": one.failure,
                "seconds": round(seconds, 3),
            }
            store.append({"kind": TRIAL_KIND, **about, **values})

        known = _known(store, about)
        tried = search(axes, start, tuning, budget or Budget(), seed, known, stored)
        best = _best_proved(tuning, tried, told)
        told(f"confirming {_written(best.parameters)}")
        try:
            verdict, ratio, pairs = tuning.confirm(best.parameters, level)
        except (SideFailure, WrongInSample, WorkerFailure, TrialFailed) as failure:
            raise MeasurementError(f"{entry.name} could not be confirmed: {failure}; tune again") from failure
        before = {axis.name: start[axis.name] for axis in axes}
        used = best.parameters if verdict == BETTER else before
        return Tuned(
            implementation=entry.name,
            parameters={**entry.parameters, **used},
            start=before,
            candidate=dict(best.parameters),
            goal=aim.goal,
            offered_per_s=aim.offered_per_s,
            constraints=aim.constraints,
            verdict=verdict,
            ratio=ratio,
            pairs=pairs,
            trials=len(tried),
            workload=label,
            size=stream.size.name,
            workload_digest=stream.digest,
            environment=fingerprint().as_dict(),
        )


def _best_proved(tuning: Tuning, tried: Sequence[Tried], told: Callable[[str], None]) -> Tried:
    for one in best_first(tried):
        told(f"proving {_written(one.parameters)}")
        why = tuning.proved(one.parameters)
        if why is None:
            return one
        told(f"    {why}")
    raise MeasurementError(f"{tuning.entry.name}: no setting could be used; loosen the constraints or try others")


def _known(store: Store, about: Mapping[str, Any]) -> list[Tried]:
    """The newest state of each setting tried before for the very same question."""
    found: dict[str, Tried] = {}
    for record in store.records(TRIAL_KIND):
        if all(record.get(name) == value for name, value in about.items()):
            one = Tried(record["parameters"], tuple(record["values"]), record["failure"])
            found[_written(one.parameters)] = one
    return list(found.values())


def _written(parameters: Parameters) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())


def _shown(one: Tried) -> str:
    return f"{math.exp(one.values[-1]):.3f} of the cost at first ({len(one.values)} of the rungs)"
