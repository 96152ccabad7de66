"""One cell: size chosen, proved, timed against its baseline, weighed."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from harness.discovery import Entry
from harness.errors import MeasurementError
from harness.measure.machine.roofline import (
    CopyBandwidth,
    Roofline,
    at_footprint,
    bytes_per_reading,
    copy_bandwidths,
    footprint_bytes,
)
from harness.measure.processes.handle import Limits
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
from harness.results import Cell, CheckResult, Failure, Status, Throughput
from harness.run.inputs import Inputs
from harness.run.proving import Phase, Proved, Prover
from harness.stream import Stream
from harness.verify import check_window

_FOOTPRINTS = tuple(1 << power for power in (20, 22, 24, 26, 28, 29))
"""Where the copy bandwidth is measured, bytes: from what every cache holds to what none does."""

TIMED_CALLS_CHECK = "timed calls"


@dataclass(slots=True)
class Group:
    """What the cells of one workload at one requested size share.

    Parameters
    ----------
    taken : dict
        By label and size name: samples of that implementation, as candidate or as baseline.
    """

    workload: str
    requested: str
    taken: dict[tuple[str, str], Taken] = field(default_factory=dict)


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
        self.prover = Prover(inputs, effort, limits)
        self.groups: dict[tuple[str, str], Group] = {}
        self.kept = Baselines()
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
        proved = self.prover.at_most(size_name, entry, workload, phase)
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
        return self._cell(group, entry, self.prover.at_most(size_name, entry, workload, phase))

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

    def _baseline(self, workload: str, size_name: str, phase: Phase) -> Entry | None:
        """The first baseline that is proved at exactly that size."""
        proved = ((entry, self.prover.at(size_name, entry, workload, phase)) for entry in self.baselines)
        return next((entry for entry, how in proved if how.usable), None)

    def _timed(self, group: Group, entry: Entry, cell: Cell, proved: Proved, account: Account, phase: Phase) -> Cell:
        stream = proved.stream
        assert stream is not None
        began_s = time.monotonic()
        baseline = self._baseline(group.workload, stream.size.name, phase)
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
        if baseline is None or baseline.label == entry.label:
            if taken.processes < self.effort.least_pairs:  # a candidate that failed leaves fewer
                duel.alone(entry, cpus, taken, account)
        else:
            other = group.taken.setdefault((baseline.label, stream.size.name), Taken())
            versus = duel.versus(
                baseline,
                entry,
                cpus,
                (other, taken),
                account,
                lambda done, expected: phase(f"timing, pair {done + 1} of {expected}"),
            )
            speed_up = speed_up_of(versus, baseline.label, self.candidates, self.effort)
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
