"""Open-loop latency of an implementation: stretches of load on a live, warm worker, judged and put together."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Protocol, Self

import numpy as np

from harness.contract import Workload
from harness.discovery import Entry
from harness.errors import MeasurementError
from harness.measure.load.audit import UnderLoad
from harness.measure.load.objective import Objective
from harness.measure.load.schedule import Schedule, schedule_of
from harness.measure.load.stretch import Stretch, stretch_of
from harness.measure.machine.stalls import Stalls, watch_stalls
from harness.measure.processes.affinity import Elsewhere, allowed_cpus
from harness.measure.processes.handle import Limits, Worker
from harness.measure.speed.audited import audited_of
from harness.measure.speed.throughput import WrongInSample, cpus_for
from harness.results import Failure, Latency
from harness.stream import Stream, readings_to_fill

STUDY_PER_S = 1_000_000.0
"""The load the case study asks for."""

STUDY_P99_S = 0.1
"""The latency it asks for."""

MOST_TRIES = 3
"""So often a stretch is taken at most, where its generator did not keep time or it was too short to tell anything."""

MOST_LENGTHENED_S = 15.0
"""So long a stretch may become whose length is nobody's wish: ten periods of a service that answers once a second."""

_START_DEADLINE_S = 120.0
_SLACK_S = 60.0
_STALL_SHARE = 0.2
"""An idle loop is watched for this share of a stretch, right before it, on the same CPU."""


Checker = Callable[[Entry, UnderLoad, Stream], tuple[list[Failure], int]]
"""Checks what was handed back in a stretch: its failures, and how many values were held to what must come."""


@dataclass(frozen=True, slots=True)
class Load:
    """What an implementation is put under.

    Parameters
    ----------
    offered_per_s : float
        Readings a second.
    seconds : float
    interval_s : float or None
        Hand readings over only at multiples of this: micro-batches made by the driver.
    grace_s : float
        How long after the last arrival values are waited for.
    objective : Objective or None
        Ends the stretch early once so many readings wait that it is missed beyond doubt.
    most_s : float
        Where `seconds` are too short to tell whether it keeps up, it is taken again for longer, up to this.
    """

    offered_per_s: float
    seconds: float
    interval_s: float | None = None
    grace_s: float = 2.0
    objective: Objective | None = None
    most_s: float = 0.0

    def most_backlog(self, schedule: Schedule) -> int | None:
        """How many readings may wait at once before there is no hope; None for any number."""
        return self.objective.most_backlog(schedule) if self.objective else None

    def lengthened(self, seconds: float) -> Self:
        """The same for so many seconds, or as many as it may."""
        return replace(self, seconds=max(self.seconds, min(seconds, self.most_s)))


class Side(Protocol):
    """What is put under load: started, warm, and ready for one stretch after another."""

    history_full: bool
    """Whether the warm-up filled the history, so that retaining costs what it costs in the long run."""

    warm_per_s: float
    """Readings a second at the end of the warm-up, calls back to back."""

    def take(self, load: Load) -> Stretch:
        """Put it under `load` once, whatever comes of it."""
        ...

    def stalls(self) -> Stalls | None:
        """What an idle loop saw on the same CPU between the stretches taken since this was last asked."""
        ...


class LatencySide:
    """One implementation in a fresh worker that hands the readings over itself; a context manager.

    Parameters
    ----------
    entry, stream, workload
        Who, on what; the workload says when its readings arrive.
    limits : Limits
        Without CPUs it runs where a throughput of it would be measured.
    warm_up_s
        How long it is warmed up at least; at most ten times that, full history or not.
    check : callable
        Checks what was handed back in each stretch; without it nothing is.
    channel : Entry or None
        The readings come through this channel, from a process of their own on another CPU where there is one.

    Raises
    ------
    WorkerFailure
        With the status and reason that end the cell.
    WrongInSample
        From `take`, if `check` finds a failure.
    """

    def __init__(
        self,
        entry: Entry,
        stream: Stream,
        workload: Workload,
        limits: Limits,
        *,
        warm_up_s: float = 0.3,
        check: Checker | None = None,
        channel: Entry | None = None,
    ) -> None:
        self.entry = entry
        self.stream = stream
        self.workload = workload
        self.history_full = False
        self.warm_per_s = 0.0
        self.cpus: Sequence[int] = limits.cpus
        self._limits = limits
        self._warm_up_s = warm_up_s
        self._check = check
        self._channel = channel
        self._stalls: list[Stalls] = []
        self._worker = Worker(entry, limits)

    def __enter__(self) -> Self:
        self._worker.spawn()
        try:
            self._prepare()
        except BaseException:
            self._worker.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()

    def _prepare(self) -> None:
        self._worker.load()
        described = self._worker.described
        if described["unavailable"]:
            raise MeasurementError(f"{self.entry.label}: {described['unavailable']}")
        if not self.cpus:
            self.cpus = cpus_for(str(described["threads"]), self._limits.threads)
            self._worker.ask("pin", {"cpus": list(self.cpus)}, deadline_s=_START_DEADLINE_S)
        self._worker.ask("start", {"folder": str(self.stream.folder)}, deadline_s=_START_DEADLINE_S)
        request = {
            "min_calls": 3,
            "min_s": self._warm_up_s,
            "min_readings": readings_to_fill(self.stream),
            "most_s": 10 * self._warm_up_s,
        }
        warm = self._worker.ask("warm_up", request, deadline_s=_START_DEADLINE_S)
        self.history_full = bool(warm.values["full"])
        windows_ns = warm.arrays["per_reading_ns"]
        self.warm_per_s = 1e9 / float(np.median(windows_ns[len(windows_ns) // 2 :]))

    def take(self, load: Load) -> Stretch:
        """Put it under `load` once, whatever comes of it."""
        schedule = schedule_of(self.workload, self.stream.size, load.offered_per_s, load.seconds)
        values, arrays = schedule.as_request()
        request = {
            **values,
            "batch": self.stream.size.batch,
            "seconds": load.seconds,
            "interval_s": load.interval_s,
            "grace_s": load.grace_s,
            "most_backlog": load.most_backlog(schedule),
            **({"audit": random.random()} if self._check else {}),
            **self._through(),
        }
        self._stalls.append(watch_stalls(max(0.1, _STALL_SHARE * load.seconds), self.cpus[0] if self.cpus else None))
        with Elsewhere(self.cpus):
            reply = self._worker.ask("latency", request, arrays, deadline_s=load.seconds + load.grace_s + _SLACK_S)
        checked = 0
        if self._check:
            audited = audited_of(reply.values["audited"], reply.arrays)
            back = UnderLoad(**reply.values["folded"], audited=audited)
            failures, checked = self._check(self.entry, back, self.stream)
            if failures:
                raise WrongInSample(self.entry, failures)
        stretch = stretch_of(reply, load.offered_per_s, load.seconds, schedule.total, self.stream.size.batch)
        return replace(stretch, checked=checked)

    def _through(self) -> dict[str, Any]:
        """The channel that the readings come through, if any, and where their generator runs."""
        if self._channel is None:
            return {}
        elsewhere = [cpu for cpu in allowed_cpus() if cpu not in self.cpus]
        channel = {name: getattr(self._channel, name) for name in ("kind", "name", "reference")}
        parameters = dict(self._channel.parameters)
        return {"channel": {**channel, "parameters": parameters}, "generator_cpus": elsewhere[-1:] or list(self.cpus)}

    def stalls(self) -> Stalls | None:
        """What an idle loop saw on the same CPU between the stretches taken since this was last asked."""
        watched, self._stalls = self._stalls, []
        return Stalls.joined(watched) if watched else None


def take_valid(side: Side, load: Load) -> Stretch:
    """Put `side` under `load`, `MOST_TRIES` times at most.

    Again where the generator did not keep time, and for longer where it was too short to tell and `load` allows that.
    """
    for tries in range(1, MOST_TRIES + 1):
        stretch = replace(side.take(load), tries=tries)
        longer = load.lengthened(stretch.enough_s) if stretch.unclear else load
        if stretch.valid and longer == load:
            break
        load = longer
    return stretch


def latency_under(
    side: Side, load: Load, repetitions: int = 1, progress: Callable[[int], None] = lambda _: None
) -> Latency:
    """Latency of `side` under `load`, over `repetitions` stretches; `progress` is told how many were taken before.

    Raises
    ------
    WorkerFailure
        If it fails under load.
    """
    stretches = []
    for number in range(repetitions):
        progress(number)
        stretches.append(take_valid(side, load))
    details = {"history_full": side.history_full, "interval_s": load.interval_s}
    return latency_of(stretches, side.stalls(), details)


def measure_latency(
    entry: Entry,
    stream: Stream,
    workload: Workload,
    limits: Limits,
    *,
    offered_per_s: float = STUDY_PER_S,
    seconds: float = 5.0,
    repetitions: int = 1,
    interval_s: float | None = None,
    warm_up_s: float = 0.3,
    check: Checker | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Latency:
    """Latency of `entry` on `stream` at an offered load, over `repetitions` stretches in one fresh worker.

    Where `seconds` are too short to tell whether it keeps up, as many as it takes, up to `MOST_LENGTHENED_S`.

    Raises
    ------
    WorkerFailure
        If it fails under load.
    WrongInSample
        If `check` finds a failure in what was handed back under load.
    """
    with LatencySide(entry, stream, workload, limits, warm_up_s=warm_up_s, check=check) as side:
        load = Load(offered_per_s, seconds, interval_s, most_s=MOST_LENGTHENED_S)
        return latency_under(side, load, repetitions, progress)


def latency_of(
    stretches: Sequence[Stretch], stalls: Stalls | None, details: Mapping[str, Any] | None = None
) -> Latency:
    """Several stretches of one load as one latency.

    Percentiles are medians over the valid stretches; the maximum is that of all of them. The whole is valid if most
    stretches are and tell whether the load was kept up with, and kept up if at least two thirds of those did.
    """
    valid = [stretch for stretch in stretches if stretch.valid]
    counted = valid or list(stretches)
    told = [stretch for stretch in counted if stretch.kept_up is not None]
    shown = sorted(counted, key=lambda stretch: stretch.p99_s or 0.0)[len(counted) // 2]
    return Latency(
        offered_per_s=stretches[0].offered_per_s,
        p50_s=_median(counted, 50.0),
        p99_s=_median(counted, 99.0),
        p999_s=_median(counted, 99.9),
        max_s=max((stretch.max_s for stretch in counted if stretch.max_s is not None), default=None),
        kept_up=bool(told) and 3 * sum(bool(stretch.kept_up) for stretch in told) >= 2 * len(told),
        valid=2 * sum(stretch.valid for stretch in told) > len(stretches),
        details={
            "seconds": stretches[0].seconds,
            "repetitions": [stretch.as_dict() for stretch in stretches],
            "missing": sum(stretch.missing for stretch in counted),
            "invalid": next((why for one in stretches if (why := one.invalid or one.unclear)), None),
            "slip_p999_s": max((stretch.slip_p999_s for stretch in stretches if stretch.slip_p999_s), default=None),
            "values_checked": sum(stretch.checked for stretch in stretches),
            "recording_ns": median(stretch.recording_ns for stretch in stretches),
            "stalls": stalls.as_dict() if stalls else None,
            "lines": dict(shown.lines),
            **(details or {}),
        },
    )


def _median(stretches: Sequence[Stretch], percent: float) -> float | None:
    known = [value for stretch in stretches if (value := stretch.percentile_s(percent)) is not None]
    return median(known) if known else None
