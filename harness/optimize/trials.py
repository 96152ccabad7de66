"""Trials: one setting of an implementation after the other, each measured beside the setting that tuning began from."""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

from harness.discovery import Entry
from harness.errors import MeasurementError
from harness.measure.load.latency import measure_latency
from harness.measure.memory.weigh import measure_memory
from harness.measure.processes.affinity import Elsewhere
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS, Effort
from harness.measure.speed.live import GuardedSide, LiveSide
from harness.measure.speed.pairing import Pair, Sample, take_pair
from harness.measure.speed.throughput import Account, Baselines, Duel, SideFailure, Taken, WrongInSample, cpus_for
from harness.optimize.aim import Aim
from harness.optimize.search import LimitBroken, TrialFailed, TrialSpoilt
from harness.optimize.space import Parameters
from harness.optimize.tuned import BETTER
from harness.results import Failure, Interval, Level
from harness.statistics.effects import Block, pair_effect
from harness.statistics.verdict import LEAST_PAIRS, Verdict, judge
from harness.stream import Stream
from harness.units import format_bytes, format_rate, format_seconds
from harness.verify import check_samples, verify

_WORDS = {Verdict.FASTER: BETTER, Verdict.SLOWER: "worse", Verdict.SAME: "same"}
_CHEAP = Effort(Level.QUICK, 0.15, 1, 1, 1, 0.05, cell_budget_s=10.0)
_UNIT_S = 0.5
"""A measurement of effort 1 lasts so long: less would waste what starting a process takes. One block is the least."""

_LATENCY_S = 0.5
"""A latency of effort 1 is taken for so long, or for as long as its rhythm takes."""

_CONFIRMED_EFFORT = 3
_MOST_TRIES = 3
_LOOKS = 3
"""So often the start is held against the constraints; it is refused if at least two thirds of them say so."""

_PROOF_S = 60.0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How a setting compares with the one that tuning began from.

    Parameters
    ----------
    verdict : "better", "worse", "same" or "inconclusive"
    ratio : Interval or None
        Cost of the start over cost of the setting; None where the start does not do what is asked for at all.
    pairs : int
    """

    verdict: str
    ratio: Interval | None
    pairs: int


class Trials:
    """Measures settings of one implementation on one stream; a context manager.

    Throughput is measured in turns with one process of the start, which stays alive from trial to trial, so that all
    settings are held against the same, and its values are relative to the start. Latency and memory are what they are.

    Parameters
    ----------
    entry : Entry
        With the parameters that tuning begins from: the start.
    stream, workload, fill_readings
        The input, the workload that says when its readings arrive, and how many of them fill the history.
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
        self._open = ExitStack()
        self._start: LiveSide | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._start = None
        self._open.close()

    def with_(self, parameters: Parameters) -> Entry:
        """The implementation with these parameters over those of the start."""
        return replace(self.entry, parameters={**self.entry.parameters, **parameters})

    @contextmanager
    def trial(self, parameters: Parameters) -> Iterator[Callable[[int], float]]:
        """A measurement as `search` wants it.

        Raises
        ------
        MeasurementError
            If the start itself fails, which is no fault of the setting.
        """
        entry = self.with_(parameters)
        try:
            if self.aim.goal == "throughput":
                start = self._running_start()
                with self._side(entry) as other:
                    other.prepare(self.fill_readings)
                    yield lambda effort: self._paired(start, other, entry, effort)
            else:
                yield lambda effort: self._cost(entry, effort)
            self._constrain(entry)
        except WorkerFailure as failure:
            raise TrialFailed(f"{failure.status}: {failure.reason}") from failure

    def _side(self, entry: Entry) -> LiveSide:
        return LiveSide(entry, self.stream, self.limits, _CHEAP)

    def _running_start(self) -> LiveSide:
        if self._start is None:
            side = self._open.enter_context(self._side(self.entry))
            try:
                side.prepare(self.fill_readings)
            except WorkerFailure as failure:
                raise self._start_failed(failure) from failure
            self._start = side
        return self._start

    def _start_failed(self, failure: object) -> MeasurementError:
        return MeasurementError(f"{self.entry.label}: what tuning begins from failed ({failure}); begin from another")

    def _paired(self, start: LiveSide, other: LiveSide, entry: Entry, effort: int) -> float:
        """Median effect over as many blocks as last `effort` units of time."""
        blocks: list[Block] = []
        began_s = time.monotonic()
        guarded = GuardedSide(start, self._start_failed)
        with Elsewhere(self.limits.cpus):
            while not blocks or time.monotonic() - began_s < effort * _UNIT_S:
                pair = take_pair(guarded, other, 1, self.rng, audits=0 if blocks else 1)
                self._check(pair, entry)
                blocks += pair.blocks
        return pair_effect(blocks)

    def _check(self, pair: Pair, entry: Entry) -> None:
        wrong = check_samples(entry.label, self.stream, pair.candidate, self.rng)
        if wrong:
            raise TrialFailed(f"wrong: {wrong[0]}")

    @property
    def start_value(self) -> float | None:
        """The value of the start; None where it has to be measured like any other."""
        return 0.0 if self.aim.goal == "throughput" else None

    def shown(self, value: float) -> str:
        """A value of a trial as text."""
        cost = math.exp(value)
        if self.aim.goal == "throughput":
            return f"{cost:.3f} of the start's time"
        return f"p99 {format_seconds(cost)}" if self.aim.goal == "p99" else f"peak {format_bytes(round(cost))}"

    def _cost(self, entry: Entry, effort: int) -> float:
        """The logarithm of latency or memory."""
        if self.aim.goal == "memory":
            found: float | None = measure_memory(entry, self.stream, self.limits).peak_bytes
            if not found:
                raise TrialFailed("its memory could not be measured")
        else:
            found = self._p99_s(entry, effort * _LATENCY_S)
        return math.log(found)

    def _p99_s(self, entry: Entry, seconds: float) -> float:
        offered = self.aim.offered_per_s
        assert offered is not None
        try:
            latency = measure_latency(
                entry, self.stream, self.workload, self.limits, offered_per_s=offered, seconds=seconds, warm_up_s=0.15
            )
        except MeasurementError as error:  # such as a stretch too short for a single reading at that load
            raise TrialFailed(str(error)) from error
        if not latency.valid:
            raise TrialSpoilt(
                f"its latency is not valid: {latency.details.get('invalid') or 'the machine is too busy'}"
            )
        if not latency.kept_up or latency.p99_s is None:
            raise LimitBroken(f"does not keep up with {format_rate(offered)}")
        return latency.p99_s

    def refused(self, parameters: Parameters) -> str | None:
        """Why the constraints do not allow these parameters, as most of several looks say; None if they do.

        Raises
        ------
        MeasurementError
            If the machine spoils a look each time it is repeated, or it cannot be had: that is no refusal.
        """
        if not self.aim.constraints:
            return None
        found = [self._broken_by(self.with_(parameters)) for _ in range(_LOOKS)]
        broken = [why for why in found if why]
        if 3 * len(broken) < 2 * len(found):
            return None
        return f"{broken[0]} (in {len(broken)} of {len(found)} looks)"

    def _broken_by(self, entry: Entry) -> str | None:
        """How it breaks the constraints, or fails, in one look that the machine did not spoil; None if it does not."""
        for _ in range(_MOST_TRIES):
            try:
                self._constrain(entry)
            except TrialSpoilt as failure:
                spoilt = failure
            except LimitBroken as failure:
                return str(failure)
            except WorkerFailure as failure:
                return f"{failure.status}: {failure.reason}"
            except TrialFailed as failure:
                raise MeasurementError(
                    f"{_not_held(entry)}: {failure}; tune again, or ask for other limits"
                ) from failure
            else:
                return None
        raise MeasurementError(f"{_not_held(entry)}: {spoilt}; tune again on a quieter machine")

    def _constrain(self, entry: Entry) -> None:
        aim = self.aim
        if aim.most_memory_bytes is not None:
            peak = measure_memory(entry, self.stream, self.limits).peak_bytes
            allowed = f"allowed are {format_bytes(aim.most_memory_bytes)}"
            if peak is None:
                raise TrialFailed(f"its peak memory could not be measured; {allowed}")
            if peak > aim.most_memory_bytes:
                raise LimitBroken(f"its peak memory is {format_bytes(peak)}; {allowed}")
        if aim.most_p99_s is not None:
            p99_s = self._p99_s(entry, _LATENCY_S)
            if p99_s > aim.most_p99_s:
                raise LimitBroken(f"its p99 is {format_seconds(p99_s)}; allowed are {format_seconds(aim.most_p99_s)}")

    def proved(self, parameters: Parameters) -> str | None:
        """None if the implementation is right with these parameters on the whole stream, else why not."""
        try:
            proof = verify(self.with_(parameters), self.stream, self.limits, budget_s=_PROOF_S)
        except WorkerFailure as failure:
            return f"{failure.status}: {failure.reason}"
        return None if proof.verified else str(proof.failures[0])

    def confirm(self, parameters: Parameters, level: Level) -> Confirmed:
        """Compare these parameters with the start in pairs of fresh processes.

        Raises
        ------
        MeasurementError
            If either side fails.
        """
        self.__exit__()  # nothing else runs while it counts
        entry = self.with_(parameters)
        try:
            effects = self._duel(entry, EFFORTS[level]) if self.aim.goal == "throughput" else self._cost_effects(entry)
        except (SideFailure, WrongInSample, WorkerFailure) as failure:
            raise MeasurementError(f"{self.entry.name} could not be confirmed: {failure}; tune again") from failure
        if len(effects) < LEAST_PAIRS:
            return Confirmed("inconclusive" if effects else BETTER, None, LEAST_PAIRS)
        judged = judge(effects)
        speed_up = judged.speed_up
        ratio = Interval(speed_up.ratio, speed_up.low, speed_up.high) if speed_up else None
        return Confirmed(_WORDS.get(judged.verdict, "inconclusive"), ratio, len(effects))

    def _cost_effects(self, entry: Entry) -> tuple[float, ...]:
        """The effects of latency or memory, by turns; fewer where the start does not do what is asked for."""
        effects: list[float] = []
        for _ in range(LEAST_PAIRS):
            start, other = (self._cost_again(one) for one in (self.entry, entry))
            if isinstance(other, TrialFailed):
                raise MeasurementError(f"{entry.label} could not be confirmed: {other}; tune again, or ask for less")
            if not isinstance(start, TrialFailed):
                effects.append(other - start)
        return tuple(effects)

    def _cost_again(self, entry: Entry) -> float | TrialFailed:
        """The cost, tried again where the machine spoilt it; or why there is none.

        Raises
        ------
        MeasurementError
            If the machine spoils it each time.
        """
        for _ in range(_MOST_TRIES):
            try:
                return self._cost(entry, _CONFIRMED_EFFORT)
            except TrialSpoilt as failure:
                spoilt = failure
            except TrialFailed as failure:
                return failure
        raise MeasurementError(f"{entry.label} could not be confirmed: {spoilt}; tune again on a quieter machine")

    def _duel(self, entry: Entry, effort: Effort) -> tuple[float, ...]:
        pairs = max(effort.least_pairs, LEAST_PAIRS)
        effort = replace(effort, least_pairs=pairs, most_pairs=max(effort.most_pairs, pairs))

        def check(side: Entry, samples: Sequence[Sample], stream: Stream) -> list[Failure]:
            return check_samples(side.label, stream, samples, self.rng)

        with Baselines() as kept:
            duel = Duel(self.stream, self.fill_readings, effort, self.limits, 1, check, self.rng, kept)
            return duel.versus(self.entry, entry, self.limits.cpus, (Taken(), Taken()), Account()).effects


def _not_held(entry: Entry) -> str:
    return f"{entry.label} could not be held against the limits"
