"""Implementations under load: each proved on the very workload first, then under one load after another."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from harness.contract import Workload
from harness.discovery import Entry
from harness.discovery import workload as find_workload
from harness.errors import ShortfallError, UsageError
from harness.measure.load.capacity import find_capacity
from harness.measure.load.latency import STUDY_PER_S, LatencySide, Load, Side, latency_under
from harness.measure.load.objective import Objective
from harness.measure.load.schedule import schedule_of
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS
from harness.measure.speed.throughput import WrongInSample
from harness.results import Capacity, Cell, Latency, Level, Status, to_builtins
from harness.run.cell import CellMaker
from harness.run.channel_proof import prove_channel
from harness.run.inputs import Inputs
from harness.run.runner import CELL_KIND, default_memory_bytes, stored_cells
from harness.store import Store
from harness.stream import Stream
from harness.verify import check_under_load

LOAD_KIND = "load"
"""Records of single loads: whose, how it arrived, and the latency it led to."""

ARRIVALS = {"workload": "", "constant": "steady", "poisson": "skewed", "bursty": "bursty"}
"""Ways to arrive, and the workload whose way it is; empty for that of the workload itself."""

LEAST_INTERVALS = 20
"""A stretch holds so many micro-batches at least, or the growth of a queue could not be told from their rhythm."""

OpenSide = Callable[[Entry, Stream, Workload, Limits], AbstractContextManager[Side]]
"""Starts an implementation on a stream, to be put under loads that arrive as a workload's do."""

OPEN_SIDE: OpenSide = partial(LatencySide, check=check_under_load)
"""In a process of its own, readings handed over in that process."""


def side_of(subjects: "Subjects", told: Callable[[str], None]) -> OpenSide:
    """`OPEN_SIDE`, or the same with the readings coming through the channel of `subjects`, which is proved first.

    Raises
    ------
    ShortfallError
        If the channel is not proved to carry them whole.
    """
    channel = subjects.channel
    if channel is None:
        return OPEN_SIDE
    told(f"proving channel {channel.label}")
    result = prove_channel(channel, Limits(memory_bytes=default_memory_bytes()))
    if not result.verified:
        raise ShortfallError(
            f"channel {channel.label}: {result.status}: {result.reason}; nothing is measured through it"
        )
    return partial(LatencySide, check=check_under_load, channel=channel)


def _named_through(subject: "Subject", channel: Entry) -> "Subject":
    """`subject` with a cell of its own for what is found through `channel`."""
    cell = subject.cell
    note = f"its readings came from another process through {channel.label}"
    name = f"{cell.implementation} through {channel.label}"
    return replace(subject, cell=replace(cell, implementation=name, notes=(*cell.notes, note)))


@dataclass(frozen=True, slots=True)
class Subjects:
    """Who is to be put under load, on what.

    Parameters
    ----------
    entries : sequence of Entry
    workloads : sequence of str
        As the user wrote them.
    size : str or None
        None lets each workload choose.
    arrivals : str
        One of `ARRIVALS`.
    threads : int
    sensors_path : str or None
        Sensor table of a replay.
    channel : Entry or None
        What readings come through from a process of their own; None for none.
    """

    entries: Sequence[Entry]
    workloads: Sequence[str]
    size: str | None = None
    arrivals: str = "workload"
    threads: int = 1
    sensors_path: str | None = None
    channel: Entry | None = None

    @property
    def count(self) -> int:
        """How many cells they make."""
        return len(self.entries) * len(self.workloads)


@dataclass(frozen=True, slots=True)
class Subject:
    """One implementation on one workload: its cell, which says why where it is not verified, and its stream."""

    entry: Entry
    cell: Cell
    stream: Stream | None
    arriving: Workload

    @property
    def usable(self) -> bool:
        """Whether it may be put under load."""
        return self.cell.verified and self.stream is not None


def check_subjects(subjects: Subjects) -> None:
    """See that all of it can be had, before anything is made.

    Raises
    ------
    UsageError
        If a workload, a size or a parameter does not exist.
    """
    arriving(subjects.arrivals, find_workload("steady")[1])
    with Inputs(subjects.sensors_path) as inputs:
        for text in subjects.workloads:
            inputs.size(text, subjects.size)
    for entry in subjects.entries:
        if entry.parameters:
            with contextlib.suppress(WorkerFailure), Worker(entry, Limits()):
                pass


def proved(subjects: Subjects, told: Callable[[str], None] = lambda _: None) -> Iterator[Subject]:
    """Prove every implementation on every workload, one at a time, at the largest size it can do in its budget."""
    with (
        Inputs(subjects.sensors_path) as inputs,
        CellMaker(inputs, EFFORTS[Level.DEFAULT], limits_of(subjects), 1, (), (), seed=0) as maker,
    ):
        for text in subjects.workloads:
            label, workload = inputs.workload(text)
            size = inputs.size(text, subjects.size).name
            for entry in subjects.entries:
                told(f"proving {entry.label} on {label} at {size}")
                cell = maker.prove(entry, text, size, lambda _: None)
                stream = inputs.stream(text, inputs.size(text, cell.size)) if cell.verified else None
                subject = Subject(entry, cell, stream, arriving(subjects.arrivals, workload))
                yield _named_through(subject, subjects.channel) if subjects.channel else subject


def limits_of(subjects: Subjects) -> Limits:
    """What each worker may use."""
    return Limits(threads=subjects.threads, memory_bytes=default_memory_bytes())


def arriving(arrivals: str, workload: Workload) -> Workload:
    """The workload whose arrivals are meant; the contents stay those of `workload`.

    Raises
    ------
    UsageError
        If there is no such way to arrive.
    """
    if arrivals not in ARRIVALS:
        raise UsageError(f"arrivals {arrivals!r}; expected one of {', '.join(ARRIVALS)}")
    return find_workload(ARRIVALS[arrivals])[1] if ARRIVALS[arrivals] else workload


def check_load(load: Load) -> None:
    """See that a stretch of `load` can be judged, before anything is started.

    Raises
    ------
    MeasurementError
        If there is not one reading in it, or more than can be counted.
    UsageError
        If it is too short for its micro-batches.
    """
    steady = find_workload("steady")[1]
    schedule_of(steady, steady.size("tiny"), load.offered_per_s, load.seconds)
    if load.interval_s and load.seconds < LEAST_INTERVALS * load.interval_s:
        raise UsageError(
            f"{load.seconds:g} s hold fewer than {LEAST_INTERVALS} micro-batches of {load.interval_s:g} s; "
            f"give --seconds {LEAST_INTERVALS * load.interval_s:g} or more, or a shorter interval"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one load: a latency, or how the implementation ended under it."""

    load: Load
    latency: Latency | None = None
    failure: WorkerFailure | None = None


def latencies(
    subject: Subject,
    loads: Sequence[Load],
    repetitions: int,
    limits: Limits,
    told: Callable[[Load, int], None] = lambda *_: None,
    open_side: OpenSide = OPEN_SIDE,
) -> Iterator[Outcome]:
    """Put a proved implementation under each of `loads`, on one warm worker as long as it lives.

    `told` is told of each repetition before it begins.
    """
    assert subject.stream is not None
    left = list(loads)
    while left:
        try:
            with open_side(subject.entry, subject.stream, subject.arriving, limits) as side:
                while left:
                    load = left[0]
                    latency = latency_under(side, load, repetitions, partial(told, load))
                    left.pop(0)
                    yield Outcome(load, latency)
        except WorkerFailure as failure:
            yield Outcome(left.pop(0), failure=failure)
        except WrongInSample as wrong:
            yield Outcome(left.pop(0), failure=_wrong(wrong))


def capacity_of(
    subject: Subject,
    objective: Objective,
    seconds: float,
    repetitions: int,
    limits: Limits,
    told: Callable[[str], None] = lambda _: None,
    open_side: OpenSide = OPEN_SIDE,
) -> Capacity | WorkerFailure:
    """The capacity of a proved implementation, or how it ended under a load."""
    assert subject.stream is not None
    try:
        with open_side(subject.entry, subject.stream, subject.arriving, limits) as side:
            return find_capacity(side, objective, seconds=seconds, repetitions=repetitions, told=told)
    except WorkerFailure as failure:
        return failure
    except WrongInSample as wrong:
        return _wrong(wrong)


def _wrong(wrong: WrongInSample) -> WorkerFailure:
    return WorkerFailure(Status.WRONG, f"wrong under load: {wrong.failures[0]}")


def load_record(cell: Cell, arrivals: str, outcome: Outcome) -> dict[str, Any]:
    """What the store keeps of one load: whose it was, how it arrived, what came of it or why nothing did."""
    load = outcome.load
    return {
        "kind": LOAD_KIND,
        "implementation": cell.implementation,
        "approach": cell.approach,
        "workload": cell.workload,
        "size": cell.size,
        "requested_size": cell.requested_size,
        "workload_digest": cell.workload_digest,
        "threads": cell.threads,
        "arrivals": arrivals,
        "interval_s": load.interval_s,
        "offered_per_s": load.offered_per_s,
        "seconds": load.seconds,
        "latency": to_builtins(outcome.latency),
        "reason": str(outcome.failure) if outcome.failure else None,
    }


def keep(
    store: Store,
    cell: Cell,
    *,
    latency: Latency | None = None,
    capacity: Capacity | None = None,
    failure: WorkerFailure | None = None,
) -> Cell:
    """Store `cell` with what was found under load, or that with the cell which the store holds of it already.

    A stored cell that is verified on the same readings keeps its other figures; a failure never takes its place.
    """
    stored = stored_cells(store).get(cell.key)
    known = stored is not None and stored.verified and stored.workload_digest == cell.workload_digest
    if known and not (cell.verified and (latency or capacity)):
        return cell
    kept = stored if known and stored else cell
    if failure and not known and kept.latency is None:
        kept = replace(kept, status=failure.status, reason=failure.reason)
    kept = replace(kept, latency=_own_latency(kept.latency, latency), capacity=capacity or kept.capacity)
    store.append({"kind": CELL_KIND, **to_builtins(kept)})
    return kept


def _own_latency(stored: Latency | None, new: Latency | None) -> Latency | None:
    """The study's load before any other, else the newest."""
    if new is None or (stored and stored.valid and stored.offered_per_s == STUDY_PER_S != new.offered_per_s):
        return stored
    return new
