"""What a device is worth: rates by batch size, with input pageable, registered and already there, beside its limits."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from harness.contract import Size
from harness.discovery import Entry
from harness.errors import InputError, MeasurementError
from harness.measure.machine.roofline import INPUT_BYTES, OUTPUT_BYTES, bytes_per_reading
from harness.measure.processes.affinity import Elsewhere
from harness.measure.processes.handle import Limits, Reply, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.audited import audited_of
from harness.measure.speed.throughput import cpus_for
from harness.results import Status
from harness.run.inputs import Inputs
from harness.stream import Stream
from harness.verify import check_window, verify

KIND = "device"
HOST_INPUTS, DEVICE_INPUTS = ("pageable",), ("pageable", "registered", "resident")
_DEADLINE_S = 300.0
_PROOF_S = 240.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Parameters
    ----------
    entries : tuple of Entry
        Accelerated ones, and those of the host that they are compared with.
    workload : str
    batches : tuple of int
        Readings a batch, ascending.
    sensors, retain : int
    small_readings : int
        Readings of a stream, unless two batches are more or a thousand are less.
    staged_readings : int
        Readings that a window on the clock passes over again and again: more than caches hold.
    processes, repeats : int
        Fresh processes a point, and samples in each.
    least_s : float
        Least duration of a sample.
    """

    entries: tuple[Entry, ...]
    workload: str
    batches: tuple[int, ...]
    sensors: int = 10_000
    retain: int = 1_000_000
    small_readings: int = 1_000_000
    staged_readings: int = 1 << 23
    processes: int = 3
    repeats: int = 5
    least_s: float = 0.1

    def size(self, batch: int) -> Size:
        """The stream for a batch size: two windows."""
        readings = max(2 * batch, min(self.small_readings, 1_000 * batch))
        return Size(f"batches of {batch}", readings, self.sensors, batch, min(self.retain, readings), 2)


@dataclass(slots=True)
class _Point:
    """One implementation at one batch size: proof, rates of each process by input, device times of the last one."""

    entry: Entry
    stream: Stream
    checks: int = 0
    left_out: str | None = None
    per_s: dict[str, list[float]] = field(default_factory=dict)
    spent: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(slots=True)
class _Subject:
    """What is known of one implementation."""

    entry: Entry
    described: Mapping[str, Any]
    bandwidths: Mapping[str, float] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    points: list[_Point] = field(default_factory=list)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Where its input can be."""
        return DEVICE_INPUTS if self.described["accelerated"] else HOST_INPUTS


def described(entries: Sequence[Entry], limits: Limits) -> dict[str, Mapping[str, Any]]:
    """What each implementation says of itself, by label; `unavailable` where it cannot even be loaded."""
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        try:
            with Worker(entry, limits) as worker:
                found[entry.label] = worker.described
        except WorkerFailure as failure:
            found[entry.label] = {"unavailable": str(failure), "accelerated": False, "threads": "one"}
    return found


def carry_out(question: Question, limits: Limits, seed: int, say: Say) -> Iterator[dict[str, Any]]:
    """Prove every point, time them all by turns, and hand out a record of kind "device" for each implementation.

    What fails leaves its point out, with the reason; all others go on.
    """
    rng = random.Random(seed)
    about = described(question.entries, limits)
    for label, found in about.items():
        if found["unavailable"]:
            say(f"{label}: left out ({found['unavailable']})")
    subjects = [
        _Subject(entry, about[entry.label]) for entry in question.entries if not about[entry.label]["unavailable"]
    ]
    with Inputs(most=len(question.batches) + 1) as inputs:
        label = inputs.workload(question.workload)[0]
        for batch in question.batches:
            stream = inputs.stream(question.workload, question.size(batch))
            for subject in subjects:
                say(f"proving {subject.entry.label} in batches of {batch:,}")
                subject.points.append(_proved(subject.entry, stream, limits))
        turns = [(subject, point) for subject in subjects for point in subject.points]
        for round_ in range(question.processes):
            rng.shuffle(turns)
            for subject, point in turns:
                if point.left_out is None:
                    batch = point.stream.size.batch
                    say(f"timing {subject.entry.label} in batches of {batch:,}, {round_ + 1} of {question.processes}")
                    _time(subject, point, inputs.fill_readings(point.stream), question, limits, rng)
    for subject in subjects:
        yield _record(subject, question, label)


def _proved(entry: Entry, stream: Stream, limits: Limits) -> _Point:
    point = _Point(entry, stream)
    try:
        proof = verify(entry, stream, limits, budget_s=_PROOF_S)
    except WorkerFailure as failure:
        point.left_out = str(failure)
    except (InputError, MeasurementError) as error:
        point.left_out = str(error)
    else:
        point.checks = len(proof.checks) if proof.verified else 0
        point.left_out = None if proof.verified else f"{Status.WRONG}: {proof.failures[0]}"
    return point


def _time(subject: _Subject, point: _Point, fill: int, question: Question, limits: Limits, rng: random.Random) -> None:
    """Time one point in one fresh process, with every input by turns, and measure the limits once."""
    cpus = cpus_for(str(subject.described["threads"]), limits.threads)
    own = replace(limits, cpus=cpus, hash_seed=rng.randrange(1, 2**32), padding_bytes=rng.randrange(0, 4096))
    try:
        with Elsewhere(cpus), Worker(point.entry, own) as worker:
            worker.ask("start", {"folder": str(point.stream.folder)}, deadline_s=_DEADLINE_S)
            warm_up = {"min_calls": 3, "min_s": 0.3, "min_readings": fill, "most_s": 60.0}
            worker.ask("warm_up", warm_up, deadline_s=_DEADLINE_S)
            if subject.described["accelerated"] and subject.bandwidths is None:
                limit = worker.ask("bandwidths", deadline_s=_DEADLINE_S).values
                subject.bandwidths, subject.facts = limit["bandwidths"], limit["facts"]
            for where in subject.inputs:
                _sample(worker, point, where, question)
    except WorkerFailure as failure:
        point.left_out = str(failure)


def _sample(worker: Worker, point: _Point, where: str, question: Question) -> None:
    request = {
        "input": where,
        "repeats": question.repeats,
        "least_s": question.least_s,
        "staged_readings": question.staged_readings,
    }
    reply = worker.ask("device", request, deadline_s=_DEADLINE_S)
    audited = audited_of(reply.values["audited"], reply.arrays)
    assert audited is not None
    failures = check_window(point.entry.label, point.stream, audited)
    if failures:
        raise WorkerFailure(Status.WRONG, f"wrong in a timed call: {failures[0]}")
    _check_counts(reply)
    rates = sorted((reply.arrays["readings"] / reply.arrays["timed_ns"] * 1e9).tolist())
    point.per_s.setdefault(where, []).append(rates[len(rates) // 2])
    if "spent_s" in reply.values:
        traced = reply.values["traced_readings"]
        point.spent[where] = {name: spent / traced for name, spent in reply.values["spent_s"].items()}


def _check_counts(reply: Reply) -> None:
    """See that one pass counted every reading, and a timed window of n passes n times as many of each sensor."""
    once, timed, passes = reply.values["once"], reply.values["timed"], reply.values["passes"]
    counts = {"once": reply.arrays["once_count"], "timed": reply.arrays["timed_count"]}
    counted = int(counts["once"].sum()) + once["unmatched"] + once["invalid"]
    if counted != reply.values["staged"]:
        raise WorkerFailure(Status.WRONG, f"a pass over {reply.values['staged']:,} readings counted {counted:,}")
    expected = {name: count * passes for name, count in once.items()}
    if timed != expected or not np.array_equal(counts["timed"], counts["once"] * passes):
        raise WorkerFailure(Status.WRONG, f"a timed window of {passes:,} passes did not count {passes:,} times one")


def _record(subject: _Subject, question: Question, label: str) -> dict[str, Any]:
    return {
        "kind": KIND,
        "implementation": subject.entry.label,
        "approach": subject.described["approach"],
        "accelerated": subject.described["accelerated"],
        "workload": label,
        "sensors": question.sensors,
        "retain": question.retain,
        "bytes_per_reading": bytes_per_reading(question.retain),
        "link_bytes": {"to_device": INPUT_BYTES, "to_host": OUTPUT_BYTES},
        "bandwidths": subject.bandwidths and dict(subject.bandwidths),
        "device_bytes": subject.facts.get("device_bytes"),
        "processes": question.processes,
        "points": [
            {
                "batch": point.stream.size.batch,
                "readings": len(point.stream),
                "checks": point.checks,
                "per_s": point.per_s,
                "spent_s_per_reading": point.spent,
            }
            for point in subject.points
            if point.left_out is None
        ],
        "left_out": [
            {"batch": point.stream.size.batch, "reason": point.left_out}
            for point in subject.points
            if point.left_out is not None
        ],
    }
