"""Open-loop latency of an implementation: stretches of load on a live, warm worker, judged and put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Self

from harness.contract import Workload
from harness.discovery import Entry
from harness.errors import MeasurementError
from harness.measure.affinity import Elsewhere
from harness.measure.process import Limits, Worker
from harness.measure.schedule import schedule_of
from harness.measure.stalls import Stalls, watch_stalls
from harness.measure.stretch import Stretch, stretch_of
from harness.measure.throughput import cpus_for
from harness.results import Latency
from harness.stream import Stream, readings_to_fill

STUDY_PER_S = 1_000_000.0
"""The load the case study asks for."""

STUDY_P99_S = 0.1
"""The latency it asks for."""

MOST_TRIES = 3
"""So often a stretch is taken again whose generator did not keep time."""

_START_DEADLINE_S = 120.0
_SLACK_S = 60.0
_STALL_SHARE = 0.2
"""An idle loop is watched for this share of a stretch, right before it, on the same CPU."""


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
    most_backlog : int or None
        So many readings waiting end the stretch early as an overload beyond doubt.
    """

    offered_per_s: float
    seconds: float
    interval_s: float | None = None
    grace_s: float = 2.0
    most_backlog: int | None = None


class LatencySide:
    """One implementation, started and warm in a fresh worker, to be put under load; a context manager.

    Parameters
    ----------
    entry, stream, workload
        Who, on what; the workload says when its readings arrive.
    limits : Limits
        Without CPUs it runs where a throughput of it would be measured.
    warm_up_s
        How long it is warmed up at least; at most ten times that, full history or not.

    Raises
    ------
    WorkerFailure
        With the status and reason that end the cell.
    """

    def __init__(
        self, entry: Entry, stream: Stream, workload: Workload, limits: Limits, *, warm_up_s: float = 0.3
    ) -> None:
        self.entry = entry
        self.stream = stream
        self.workload = workload
        self.history_full = False
        self.cpus: Sequence[int] = limits.cpus
        self._limits = limits
        self._warm_up_s = warm_up_s
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
            "most_backlog": load.most_backlog,
        }
        self._stalls.append(watch_stalls(max(0.1, _STALL_SHARE * load.seconds), self.cpus[0] if self.cpus else None))
        with Elsewhere(self.cpus):
            reply = self._worker.ask("latency", request, arrays, deadline_s=load.seconds + load.grace_s + _SLACK_S)
        return stretch_of(reply, load.offered_per_s, load.seconds, schedule.total, self.stream.size.batch)

    def take_valid(self, load: Load) -> Stretch:
        """Put it under `load`, again where the generator did not keep time, `MOST_TRIES` times at most."""
        for _ in range(MOST_TRIES - 1):
            stretch = self.take(load)
            if stretch.valid:
                return stretch
        return self.take(load)

    def stalls(self) -> Stalls:
        """What an idle loop saw on the same CPU in the same minutes."""
        return Stalls.joined(self._stalls)


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
    progress: Callable[[int], None] = lambda _: None,
) -> Latency:
    """Latency of `entry` on `stream` at an offered load, over `repetitions` stretches in one fresh worker.

    Raises
    ------
    WorkerFailure
        If it fails under load.
    """
    with LatencySide(entry, stream, workload, limits, warm_up_s=warm_up_s) as side:
        stretches = []
        for number in range(repetitions):
            progress(number)
            stretches.append(side.take_valid(Load(offered_per_s, seconds, interval_s)))
        return latency_of(
            stretches, side.stalls(), details={"history_full": side.history_full, "interval_s": interval_s}
        )


def latency_of(
    stretches: Sequence[Stretch], stalls: Stalls | None, details: Mapping[str, Any] | None = None
) -> Latency:
    """Several stretches of one load as one latency.

    Percentiles are medians over the valid stretches; the maximum is that of all of them. The whole is valid if most
    stretches are, and kept up if at least two thirds did.
    """
    valid = [stretch for stretch in stretches if stretch.valid]
    counted = valid or list(stretches)
    shown = sorted(counted, key=lambda stretch: stretch.p99_s or 0.0)[len(counted) // 2]
    return Latency(
        offered_per_s=stretches[0].offered_per_s,
        p50_s=_median(counted, 50.0),
        p99_s=_median(counted, 99.0),
        p999_s=_median(counted, 99.9),
        max_s=max((stretch.max_s for stretch in counted if stretch.max_s is not None), default=None),
        kept_up=3 * sum(stretch.kept_up for stretch in counted) >= 2 * len(counted),
        valid=2 * len(valid) > len(stretches),
        details={
            "seconds": stretches[0].seconds,
            "repetitions": [stretch.as_dict() for stretch in stretches],
            "missing": sum(stretch.missing for stretch in counted),
            "slip_p999_s": max((stretch.slip_p999_s for stretch in stretches if stretch.slip_p999_s), default=None),
            "recording_ns": median(stretch.recording_ns for stretch in stretches),
            "stalls": stalls.as_dict() if stalls else None,
            "lines": dict(shown.lines),
            **(details or {}),
        },
    )


def _median(stretches: Sequence[Stretch], percent: float) -> float | None:
    known = [value for stretch in stretches if (value := stretch.percentile_s(percent)) is not None]
    return median(known) if known else None
