"""One cell: size chosen, proved, timed against its baseline, weighed."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from harness.discovery import Entry
from harness.errors import InputError, MeasurementError
from harness.measure.machine.roofline import (
    CopyBandwidth,
    Roofline,
    at_footprint,
    bytes_per_reading,
    copy_bandwidths,
    footprint_bytes,
)
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import Effort
from harness.measure.speed.pairing import Sample
from harness.measure.speed.throughput import (
    Account,
    Baselines,
    Duel,
    SideFailure,
    Taken,
    WrongInSample,
    cpus_for,
    service_of,
    set_up_of,
    speed_up_of,
    throughput_of,
)
from harness.results import Cell, CheckResult, Failure, Proof, Status, Throughput
from harness.run.inputs import Inputs
from harness.run.probe import predicted_s
from harness.stream import Stream
from harness.units import format_seconds
from harness.verify import check_window, verify

_FOOTPRINTS = tuple(1 << power for power in (20, 22, 24, 26, 28, 29))
"""Where the copy bandwidth is measured, bytes: from what every cache holds to what none does."""

TIMED_CALLS_CHECK = "timed calls"
_PROBED_FROM_READINGS = 1_000_000
"""Streams below this are not probed: every implementation is meant to do them."""

Phase = Callable[[str], None]


@dataclass(slots=True)
class Group:
    """What the cells of one workload at one requested size share: input, baseline, what was proved and taken.

    Parameters
    ----------
    proofs : dict
        By label and size name: the proof, or how the attempt ended.
    taken : dict
        By label and size name: samples of that implementation, as candidate or as baseline.
    """

    workload: str
    requested: str
    proofs: dict[tuple[str, str], "Proved"] = field(default_factory=dict)
    taken: dict[tuple[str, str], Taken] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proved:
    """How proving ended: a proof, or a status and reason without one; and what the worker said of itself."""

    stream: Stream | None
    status: Status
    reason: str | None
    proof: Proof | None
    described: Mapping[str, Any]
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether it may be timed."""
        return self.status is Status.OK and self.stream is not None


class CellMaker:
    """Makes cells, keeping between them what they share; a context manager.

    Parameters
    ----------
    inputs : Inputs
    effort : Effort
    limits : Limits
        Threads and memory of a worker.
    candidates : int
        Comparisons of the whole run.
    baselines : tuple of Entry
        In order of preference.
    passes : tuple of str
        Which measurements to make.
    seed : int
    memory_budget_bytes : int or None
        What a cell may use over its runtime; weighed before it is timed.
    """

    def __init__(
        self,
        inputs: Inputs,
        effort: Effort,
        limits: Limits,
        candidates: int,
        baselines: tuple[Entry, ...],
        passes: tuple[str, ...],
        seed: int,
        memory_budget_bytes: int | None = None,
    ) -> None:
        self.inputs = inputs
        self.effort = effort
        self.limits = limits
        self.candidates = candidates
        self.baselines = baselines
        self.passes = passes
        self.memory_budget_bytes = memory_budget_bytes
        self.rng = random.Random(seed)
        self.groups: dict[tuple[str, str], Group] = {}
        self.kept = Baselines()
        self.descriptions: dict[str, Mapping[str, Any]] = {}
        self.copy_bandwidths: dict[int, tuple[CopyBandwidth, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kept.clear()

    def make(self, entry: Entry, workload: str, size_name: str, phase: Phase) -> Cell:
        """Measure `entry` on `workload` at the size called `size_name`; whatever happens becomes a cell."""
        if (workload, size_name) not in self.groups:
            self.kept.clear()
        group = self.groups.setdefault((workload, size_name), Group(workload, size_name))
        account = Account()
        began_s = time.monotonic()
        phase("proving")
        proved = self._fitting(group, entry, phase)
        account.add("verification", began_s)
        cell = self._cell(group, entry, proved)
        if not proved.usable:
            return cell
        try:
            if "memory" in self.passes:
                cell = self._weighed(entry, cell, proved, account, phase)
            cell = self._timed(group, entry, cell, proved, account, phase)
            if self._takes_latency or "capacity" in self.passes:
                cell = self._loaded(group, entry, cell, proved, account, phase)
        except WorkerFailure as failure:
            cell = replace(cell, status=failure.status, reason=failure.reason)
        except SideFailure as failure:
            cell = replace(cell, status=failure.failure.status, reason=failure.failure.reason)
        except WrongInSample as wrong:
            cell = _wrong_in_sample(cell, wrong.failures)
        if proved.stream is not None and not self.inputs.is_intact(proved.stream):
            self.kept.clear()  # they have mapped what was damaged
        return replace(
            cell,
            account_s={name: round(value, 3) for name, value in account.seconds.items()},
            counts={**cell.counts, "workers": account.workers},
        )

    def prove(self, entry: Entry, workload: str, size_name: str, phase: Phase) -> Cell:
        """Make the cell with its proof alone, nothing measured; the size steps down as in `make`."""
        group = self.groups.setdefault((workload, size_name), Group(workload, size_name))
        return self._cell(group, entry, self._fitting(group, entry, phase))

    def _cell(self, group: Group, entry: Entry, proved: Proved) -> Cell:
        label, workload = self.inputs.workload(group.workload)
        stream = proved.stream
        described = proved.described
        size = stream.size if stream else None
        return Cell(
            implementation=entry.label,
            workload=label,
            size=size.name if size else group.requested,
            requested_size=group.requested,
            workload_digest=stream.digest if stream else None,
            threads=self.limits.threads if described.get("threads") == "many" else 1,
            status=proved.status,
            reason=proved.reason,
            proof=proved.proof,
            approach=described.get("approach"),
            is_real=bool(workload.repeats),
            notes=(*(stream.notes if stream else ()), *proved.notes),
            parameters=dict(described.get("parameters", {})),
            counts=(
                {
                    "readings": size.readings,
                    "sensors": size.sensors,
                    "batch": size.batch,
                    "retain": size.retain,
                    "windows": len(stream.window_ends),
                }
                if size and stream
                else {}
            ),
        )

    def _fitting(self, group: Group, entry: Entry, phase: Phase) -> Proved:
        """Prove `entry` at the requested size, or at the largest below it that fits the budget."""
        name: str | None = group.requested
        reasons: list[str] = []
        proved: Proved | None = None
        while name is not None:
            proved = self._known(group, entry, name) or self._prove(group, entry, name, phase)
            group.proofs[entry.label, name] = proved
            if proved.status is not Status.TIMED_OUT:
                break
            reasons.append(f"{name}: {proved.reason}")
            name = self.inputs.smaller(group.workload, name)
        assert proved is not None
        if reasons and proved.status is not Status.TIMED_OUT:
            measured = proved.stream.size.name if proved.stream else name
            why = f"measured at {measured}, not extrapolated ({'; '.join(reasons)})"
            proved = replace(proved, notes=(why,))
        return proved

    def _prove(self, group: Group, entry: Entry, size_name: str, phase: Phase) -> Proved:
        began_s = time.monotonic()
        described: Mapping[str, Any] = {}
        stream: Stream | None = None

        def ended(status: Status, reason: str | None, proof: Proof | None = None) -> Proved:
            return Proved(stream, status, reason, proof, described, time.monotonic() - began_s)

        try:
            described = self._described(entry)
            if described["unavailable"]:
                return ended(Status.UNAVAILABLE, described["unavailable"])
            phase("writing the input")
            stream = self.inputs.stream(group.workload, self.inputs.size(group.workload, size_name))
            phase("proving")
            budget_s = self.effort.cell_budget_s
            if len(stream) >= _PROBED_FROM_READINGS:
                expected_s = predicted_s(entry, stream, self.limits, self.effort, self.inputs.fill_readings(stream))
                if expected_s > budget_s:
                    return ended(
                        Status.TIMED_OUT,
                        f"would take about {format_seconds(expected_s)}; {format_seconds(budget_s)} are allowed a cell",
                    )
            proof = verify(entry, stream, self.limits, budget_s=2 * budget_s)
        except WorkerFailure as failure:
            return ended(failure.status, failure.reason)
        except (InputError, MeasurementError) as error:
            return ended(Status.FAILED, str(error))
        if not proof.verified:
            return ended(Status.WRONG, str(proof.failures[0]), proof)
        return ended(Status.OK, None, proof)

    def _described(self, entry: Entry) -> Mapping[str, Any]:
        """What a worker says of `entry`, asked once a run."""
        if entry.label not in self.descriptions:
            with Worker(entry, self.limits) as worker:
                self.descriptions[entry.label] = worker.described
        return self.descriptions[entry.label]

    def _baseline(self, group: Group, size_name: str, phase: Phase) -> tuple[Entry, Proved] | None:
        """The first baseline that is proved at exactly that size."""
        for entry in self.baselines:
            proved = self._known(group, entry, size_name) or self._prove(group, entry, size_name, phase)
            group.proofs[entry.label, size_name] = proved
            if proved.usable:
                return entry, proved
        return None

    def _known(self, group: Group, entry: Entry, size_name: str) -> Proved | None:
        """How proving ended before, unless the input has been damaged since."""
        known = group.proofs.get((entry.label, size_name))
        damaged = known is not None and known.stream is not None and not self.inputs.is_intact(known.stream)
        return None if damaged else known

    def _timed(self, group: Group, entry: Entry, cell: Cell, proved: Proved, account: Account, phase: Phase) -> Cell:
        stream = proved.stream
        assert stream is not None
        began_s = time.monotonic()
        baseline = self._baseline(group, stream.size.name, phase)
        account.add("proving the baseline", began_s)
        duel = Duel(
            stream,
            self.inputs.fill_readings(stream),
            self.effort,
            self.limits,
            self.candidates,
            self._check,
            self.rng,
            self.kept,
        )
        taken = group.taken.setdefault((entry.label, stream.size.name), Taken())
        cpus = cpus_for(str(proved.described["threads"]), self.limits.threads)
        speed_up = None
        phase("timing")
        if baseline is None or baseline[0].label == entry.label:
            if not taken.samples:
                duel.alone(entry, cpus, taken, account)
        else:
            other = group.taken.setdefault((baseline[0].label, stream.size.name), Taken())
            versus = duel.versus(
                baseline[0],
                entry,
                cpus,
                (other, taken),
                account,
                lambda done, expected: phase(f"timing, pair {done + 1} of {expected}"),
            )
            speed_up = speed_up_of(versus, baseline[0].label, self.candidates, self.effort)
        assert proved.proof is not None
        began_s = time.monotonic()
        throughput = self._under_roof(throughput_of(taken), cell.threads, stream)
        account.add("roofline", began_s)
        return replace(
            cell,
            proof=replace(proved.proof, timed_calls_checked=taken.audits),
            throughput=throughput,
            set_up=set_up_of(taken),
            service=service_of(taken, stream.size.batch),
            speed_up=speed_up,
            facts=dict(taken.warm_ups[-1].facts),
            counters=dict(taken.counters),
        )

    def _under_roof(self, throughput: Throughput, threads: int, stream: Stream) -> Throughput:
        """`throughput` with its share of what copying allows at the cell's own footprint."""
        staged = 2 * throughput.readings_per_sample
        footprint = footprint_bytes(staged, stream.size.sensors, stream.size.retain)
        try:
            points = self.copy_bandwidths.get(threads) or tuple(
                copy_bandwidths((size, threads) for size in _FOOTPRINTS)
            )
        except MeasurementError:
            return replace(throughput, working_set_bytes=footprint)
        self.copy_bandwidths[threads] = points
        roof = Roofline(bytes_per_reading(stream.size.retain), at_footprint(points, footprint))
        return replace(
            throughput, working_set_bytes=footprint, roofline_share=round(roof.share(throughput.per_s.median), 6)
        )

    def _check(self, entry: Entry, sample: Sample, stream: Stream) -> list[Failure]:
        audited = sample.audited
        assert audited is not None
        return check_window(entry.label, stream, audited)

    def _weighed(self, entry: Entry, cell: Cell, proved: Proved, account: Account, phase: Phase) -> Cell:
        from harness.measure.memory.allocations import measure_allocations
        from harness.measure.memory.weigh import measure_memory

        assert proved.stream is not None
        began_s = time.monotonic()
        phase("memory")
        memory = measure_memory(entry, proved.stream, self.limits, budget_bytes=self.memory_budget_bytes)
        if self.effort.counts_allocations:
            phase("allocations")
            found = measure_allocations(entry, proved.stream, self.limits)
            memory = replace(
                memory,
                allocations_per_batch=found["own_large"] / found["batches"],
                details={**memory.details, "allocations": found},
            )
        account.add("memory", began_s)
        return replace(cell, memory=memory)

    def _loaded(self, group: Group, entry: Entry, cell: Cell, proved: Proved, account: Account, phase: Phase) -> Cell:
        """The cell with its latency under the study's load, its capacity, or both, on one warm worker."""
        from harness.measure.load.capacity import find_capacity
        from harness.measure.load.latency import STUDY_P99_S, STUDY_PER_S, LatencySide, Load, latency_under
        from harness.measure.load.objective import Objective

        assert proved.stream is not None
        began_s = time.monotonic()
        phase("latency")
        _, workload = self.inputs.workload(group.workload)
        cpus = cpus_for(str(proved.described["threads"]), self.limits.threads)
        with LatencySide(
            entry, proved.stream, workload, replace(self.limits, cpus=cpus), check=check_under_load
        ) as side:
            if self._takes_latency:
                load = Load(STUDY_PER_S, self.effort.latency_s)
                cell = replace(cell, latency=latency_under(side, load, self.effort.latency_repetitions))
                began_s = account.add("latency", began_s)
            if "capacity" in self.passes:
                objective = Objective(99.0, STUDY_P99_S)
                capacity = find_capacity(side, objective, told=lambda text: phase(f"capacity, {text}"))
                cell = replace(cell, capacity=capacity)
                account.add("capacity", began_s)
        return cell

    @property
    def _takes_latency(self) -> bool:
        return "latency" in self.passes and self.effort.latency_s > 0


def check_under_load(entry: Entry, audited: Mapping[str, Any], stream: Stream) -> list[Failure]:
    """Check what was handed back of one window under load."""
    return check_window(entry.label, stream, audited)


def _wrong_in_sample(cell: Cell, failures: list[Failure]) -> Cell:
    """The cell of an implementation that was right when it was proved and wrong when it was timed."""
    assert cell.proof is not None
    checks = (*cell.proof.checks, CheckResult(TIMED_CALLS_CHECK, tuple(failures)))
    reason = f"wrong in a timed call: {failures[0]}"
    return replace(cell, status=Status.WRONG, reason=reason, proof=replace(cell.proof, checks=checks))
