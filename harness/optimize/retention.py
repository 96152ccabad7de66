"""Retention: how memory grows with what is retained, in bytes a reading, each point proved and in a fresh process."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.contract import Size
from harness.discovery import Entry
from harness.errors import InputError, MeasurementError
from harness.measure.memory.weigh import Weighed, weigh
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.optimize.scale import Progress
from harness.results import Status
from harness.run.inputs import Inputs
from harness.statistics.line import LEAST_POINTS, line
from harness.stream import Stream
from harness.units import format_seconds
from harness.verify import verify
from harness.verify.retained import check_history

RETENTION_KIND = "retention"
VALUES = (50_000, 100_000, 200_000, 500_000, 1_000_000)
_WINDOW_BATCHES = 5
_PROVED_READINGS = 100_000
_DETAILS = ("children_bytes", "mapped_bytes", "anonymous_bytes")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Parameters
    ----------
    entries : sequence of Entry
    workload : str
        As the user wrote it.
    retain : tuple of int
        Ascending, different.
    sensors : int or None
        None for as many as the workload has at the small size.
    batch : int
    point_s : float
        What filling one history may take.
    """

    entries: Sequence[Entry]
    workload: str
    retain: tuple[int, ...]
    sensors: int | None = None
    batch: int = 10_000
    point_s: float = 20.0


@dataclass(slots=True)
class _Curve:
    entry: Entry
    approach: str | None = None
    checks: int = 0
    gone: str | None = None
    points: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)


def carry_out(question: Question, limits: Limits, progress: Progress) -> Iterator[dict[str, Any]]:
    """Prove each implementation on the workload, weigh it at every `retain`, and hand out one record.

    The stream is as long as the most that is retained, so that nothing is retained twice. What is retained in the end
    is compared with the oracle's answer, reading by reading: a point that is wrong, that fails, or whose history did
    not get full in time has a reason and no figure, and no larger one is tried.
    """
    with Inputs() as inputs:
        size = size_for(question, inputs)
        label = inputs.workload(question.workload)[0]
        progress(f"writing {size.readings:,} readings of {label}")
        stream = inputs.stream(question.workload, size)
        short = replace(size, name="to prove", readings=min(size.readings, _PROVED_READINGS))
        short = replace(short, retain=min(question.retain[0], short.readings // 2), windows=_windows(short))
        curves = [_Curve(entry) for entry in question.entries]
        for curve in curves:
            progress(f"proving {curve.entry.label} on {label}")
            _prove(curve, inputs.stream(question.workload, short), limits, question.point_s)
        for retain in question.retain:
            for curve in curves:
                if curve.gone is None:
                    progress(f"weighing {curve.entry.label} on {label} with {retain:,} retained")
                    curve.gone = _add_point(curve, stream, retain, limits, question.point_s)
                    if curve.gone is None:
                        continue
                    curve.left_out.append({"retain": retain, "reason": curve.gone})
                    curve.gone = f"not tried: left out at {retain:,} already"
                else:
                    curve.left_out.append({"retain": retain, "reason": curve.gone})
    yield {
        "kind": RETENTION_KIND,
        "workload": label,
        "digest": stream.digest,
        "fixed": {"sensors": stream.size.sensors, "batch": stream.size.batch, "readings": len(stream)},
        "curves": [_as_record(curve) for curve in curves],
    }


def size_for(question: Question, inputs: Inputs) -> Size:
    """The size of the stream: as many readings as the most that is retained, in windows of some batches."""
    sensors = question.sensors or inputs.workload(question.workload)[1].size("small").sensors
    readings = max(question.retain[-1], question.batch)
    size = Size(f"retain up to {question.retain[-1]:,}", readings, sensors, question.batch, question.retain[-1])
    return replace(size, windows=_windows(size))


def _windows(size: Size) -> int:
    return max(1, size.readings // (size.batch * _WINDOW_BATCHES))


def _prove(curve: _Curve, stream: Stream, limits: Limits, budget_s: float) -> None:
    try:
        with Worker(curve.entry, limits) as worker:
            described = worker.described
        curve.approach = str(described["approach"])
        if described["unavailable"]:
            curve.gone = f"unavailable: {described['unavailable']}"
            return
        proof = verify(curve.entry, stream, limits, budget_s=2 * budget_s)
    except WorkerFailure as failure:
        curve.gone = f"{failure.status}: {failure.reason}"
    except (InputError, MeasurementError) as error:
        curve.gone = str(error)
    else:
        curve.checks = len(proof.checks) if proof.verified else 0
        curve.gone = None if proof.verified else f"{Status.WRONG}: {proof.failures[0]}"


def _add_point(curve: _Curve, stream: Stream, retain: int, limits: Limits, point_s: float) -> str | None:
    """Weigh, check what is retained, and add the point; or why there is none."""
    began_s = time.monotonic()
    try:
        weighed = weigh(
            curve.entry,
            stream,
            limits,
            retain=retain,
            most_s=point_s,
            least_readings=retain + stream.size.batch * _WINDOW_BATCHES,
            steady_windows=0,
            hand_back_history=True,
        )
    except WorkerFailure as failure:
        return f"{failure.status}: {failure.reason}"
    if not weighed.memory.details["history_full"]:
        took = format_seconds(time.monotonic() - began_s)
        return f"the history was not full after {took}; allow more with --within"
    if weighed.memory.peak_bytes is None:
        return "the peak of a process cannot be read here: that needs Linux's /proc"
    assert weighed.history is not None
    failures = check_history(curve.entry.label, stream, weighed.windows, retain, weighed.history)
    if failures:
        return f"{Status.WRONG}: {failures[0]}"
    curve.points.append(_point(retain, weighed))
    return None


def _point(retain: int, weighed: Weighed) -> dict[str, Any]:
    memory = weighed.memory
    return {
        "retain": retain,
        "peak_bytes": memory.peak_bytes,
        "runtime_bytes": memory.runtime_bytes,
        "retained_bytes": memory.retained_bytes,
        "history_bytes": memory.history_bytes,
        **{name: memory.details[name] for name in _DETAILS},
        "facts": dict(weighed.facts),
    }


def _as_record(curve: _Curve) -> Mapping[str, Any]:
    fitted = None
    if len(curve.points) >= LEAST_POINTS:
        found = line([point["retain"] for point in curve.points], [point["peak_bytes"] for point in curve.points])
        slope = found.slope
        fitted = {
            "bytes_per_reading": {"median": slope.estimate, "low": slope.low, "high": slope.high},
            "fixed_bytes": found.at_zero,
        }
    return {
        "implementation": curve.entry.label,
        "approach": curve.approach,
        "checks": curve.checks,
        "points": curve.points,
        "left_out": curve.left_out,
        "fit": fitted,
    }
