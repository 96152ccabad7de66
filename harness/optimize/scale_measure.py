"""Points of a scaling measurement: proved on their very stream, then timed in fresh processes by turns."""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.discovery import Entry
from harness.errors import InputError, MeasurementError
from harness.measure.machine.roofline import footprint_bytes
from harness.measure.processes.affinity import Elsewhere
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS
from harness.measure.speed.throughput import cpus_for
from harness.optimize.scale_plan import Axis, Ladder
from harness.results import Level, Status
from harness.run.inputs import Inputs
from harness.run.probe import predicted_s
from harness.stream import Stream
from harness.units import format_seconds
from harness.verify import check_window, verify

_DEADLINE_S = 120.0
_STATISTICS = ("count", "sum", "minimum", "maximum", "last")
_PROBED_FROM = 3
"""The first sizes of a ladder are tried without a taste beforehand: they are meant to be small."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a scaling measurement may take.

    Parameters
    ----------
    processes : int
        Fresh processes a point.
    warm_up_s, sample_s : float
        In each of them, at least.
    repeats : int
        Samples a process, the median of which is its cost.
    point_s : float
        What proof and processes of a point may take together; a larger one is left out.
    """

    processes: int = 5
    warm_up_s: float = 0.15
    sample_s: float = 0.05
    repeats: int = 5
    point_s: float = 30.0


QUICK = Pace(processes=3, warm_up_s=0.05, sample_s=0.01, point_s=6.0)


@dataclass(slots=True)
class Point:
    """One implementation at one size.

    Parameters
    ----------
    value : int
        True size on the axis.
    checks : int
        Checks that its proof made, all passed; 0 where it is not proved.
    left_out : str or None
        Why it has no cost.
    costs_s : list of float
        One a process, in the axis's own cost.
    closing_shares : list of float
        Part of the time that was not in `process` calls: flushing and closing windows.
    process_s : float
        What its last process took in all; before the first, its proof.
    working_set_bytes : int
        Two staged windows, the sensors' state and the history as plain arrays; objects take more.
    """

    entry: Entry
    ladder: Ladder
    stream: Stream
    value: int
    working_set_bytes: int
    process_s: float = 0.0
    threads: str = "one"
    approach: str | None = None
    checks: int = 0
    left_out: str | None = None
    costs_s: list[float] = field(default_factory=list)
    closing_shares: list[float] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether it is proved and not left out."""
        return self.left_out is None and self.checks > 0

    @property
    def title(self) -> str:
        """What it is, for a line of progress."""
        return f"{self.entry.label} at {self.value:,} ({self.ladder.axis})"


def true_value(axis: Axis, stream: Stream) -> int:
    """What the stream really has on `axis`: recordings have sensors and batches of their own."""
    return int(getattr(stream.size, axis))


class Prover:
    """Proves the points of ladders, smallest first; what is too slow at one size is not tried at a larger one."""

    def __init__(self, inputs: Inputs, workload: str, limits: Limits, pace: Pace, until_s: float) -> None:
        self._inputs, self._workload, self._limits, self._pace = inputs, workload, limits, pace
        self._until_s = until_s

    def points(self, ladder: Ladder, entries: Sequence[Entry], say: Say) -> list[Point]:
        """Every (size, implementation) of `ladder`, each proved or left out with the reason."""
        found: list[Point] = []
        gone: dict[str, str] = {}
        seen: set[int] = set()
        for position, value in enumerate(ladder.values):
            stream = self._inputs.stream(self._workload, ladder.size(value))
            true = true_value(ladder.axis, stream)
            if true in seen:
                continue
            seen.add(true)
            for entry in entries:
                point = _point(entry, ladder, stream, true)
                if entry.label in gone:
                    point.left_out = gone[entry.label]
                else:
                    say(f"proving {point.title}")
                    self._prove(point, taste=position >= _PROBED_FROM)
                    if point.left_out is not None:
                        gone[entry.label] = f"not tried: left out at {true:,} already"
                found.append(point)
        return found

    def _prove(self, point: Point, *, taste: bool) -> None:
        pace = self._pace
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            point.left_out = "the time for all was used up; allow more with --within"
            return
        allowed_s = min(pace.point_s, left_s)
        try:
            if taste:
                effort = EFFORTS[Level.QUICK]
                expected_s = predicted_s(point.entry, point.stream, self._limits, effort, fill_of(point, self._inputs))
                if expected_s > allowed_s:
                    expected, allowed = format_seconds(expected_s), format_seconds(allowed_s)
                    point.left_out = f"would take about {expected}; {allowed} are allowed a point"
                    return
            with Worker(point.entry, self._limits) as worker:
                described = worker.described
            point.threads, point.approach = str(described["threads"]), str(described["approach"])
            if described["unavailable"]:
                point.left_out = f"unavailable: {described['unavailable']}"
                return
            proof = verify(point.entry, point.stream, self._limits, budget_s=allowed_s)
        except WorkerFailure as failure:
            point.left_out = f"{failure.status}: {failure.reason}"
        except (InputError, MeasurementError) as error:
            point.left_out = str(error)
        else:
            if not proof.verified:
                point.left_out = f"{Status.WRONG}: {proof.failures[0]}"
            point.checks = len(proof.checks) if proof.verified else 0
            point.process_s = proof.seconds


def _point(entry: Entry, ladder: Ladder, stream: Stream, value: int) -> Point:
    staged = 2 * -(-len(stream) // len(stream.window_ends))
    footprint = footprint_bytes(staged, stream.size.sensors, stream.size.retain)
    return Point(entry, ladder, stream, value, footprint)


def fill_of(point: Point, inputs: Inputs) -> int:
    """Readings that fill its history."""
    return inputs.fill_readings(point.stream)


def time_once(point: Point, inputs: Inputs, limits: Limits, pace: Pace, rng: random.Random) -> None:
    """Time `point` in one fresh process and add its cost; whatever fails leaves the point out."""
    cpus = cpus_for(point.threads, limits.threads)
    own = Limits(
        threads=limits.threads,
        cpus=cpus,
        memory_bytes=limits.memory_bytes,
        hash_seed=rng.randrange(1, 2**32),
        padding_bytes=rng.randrange(0, 4096),
    )
    try:
        with Elsewhere(cpus), Worker(point.entry, own) as worker:
            cost_s, closing, failure = _timed(point, worker, fill_of(point, inputs), pace, rng)
    except WorkerFailure as ended:
        point.left_out = f"{ended.status}: {ended.reason}"
        return
    if failure is not None:
        point.left_out = f"wrong in a timed call: {failure}"
        return
    point.costs_s.append(cost_s)
    point.closing_shares.append(closing)


def _timed(point: Point, worker: Worker, fill: int, pace: Pace, rng: random.Random) -> tuple[float, float, str | None]:
    worker.ask("start", {"folder": str(point.stream.folder)}, deadline_s=_DEADLINE_S)
    warm_up = {"min_calls": 3, "min_s": pace.warm_up_s, "min_readings": fill, "most_s": 2 * pace.point_s}
    warm = worker.ask("warm_up", warm_up, deadline_s=_DEADLINE_S + 4 * pace.point_s)
    recent_ns = warm.arrays["per_reading_ns"]
    expected_s = float(np.median(recent_ns[len(recent_ns) // 2 :])) * len(point.stream) / 1e9
    a_pass = len(point.stream.window_ends)
    windows = a_pass * max(1, math.ceil(pace.sample_s / max(expected_s, 1e-9)))
    request = {"windows": windows, "repeats": pace.repeats, "audit": rng.randrange(windows * pace.repeats)}
    reply = worker.ask("sweep", request, deadline_s=_DEADLINE_S + 8 * windows / a_pass * pace.repeats * expected_s)
    per_reading_s = reply.arrays["timed_ns"] / reply.arrays["readings"] / 1e9
    closing = 1 - float(reply.arrays["process_ns"].sum() / reply.arrays["timed_ns"].sum())
    audited = {
        **reply.values["audited"],
        "values": reply.arrays["values"],
        **{name: reply.arrays[name] for name in _STATISTICS},
    }
    failures = check_window(point.entry.label, point.stream, audited)
    cost_s = float(np.median(per_reading_s)) * _readings_a_cost(point)
    return cost_s, closing, str(failures[0]) if failures else None


def _readings_a_cost(point: Point) -> float:
    """How many readings the axis's cost is of."""
    axis = point.ladder.axis
    return {Axis.READINGS: float(len(point.stream)), Axis.SENSORS: 1.0, Axis.BATCH: float(point.value)}[axis]
