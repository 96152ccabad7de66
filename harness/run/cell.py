"""One cell: size chosen, proved, timed against its baseline, weighed."""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

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
from harness.measure.processes.affinity import allowed_cpus
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
from harness.results import Cell, CheckResult, Failure, SpeedUp, Status, Throughput
from harness.run.inputs import Inputs
from harness.run.proving import Phase, Proved, Prover
from harness.stream import Stream
from harness.verify import check_samples, check_under_load

FOOTPRINTS = tuple(1 << power for power in (20, 22, 24, 26, 28, 29))
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


@dataclass(frozen=True, slots=True)
class Fallen:
    """How an implementation that was proved right failed while it was timed, on one workload at one size.

    Parameters
    ----------
    workload : str
        Its label.
    failures : tuple of Failure
        Empty unless it handed back a wrong answer.
    """

    implementation: str
    workload: str
    size: str
    status: Status
    reason: str
    failures: tuple[Failure, ...] = ()

    @classmethod
    def of(cls, failed: SideFailure | WrongInSample, workload: str, size: str) -> Self:
        """What `failed` tells."""
        label = failed.entry.label
        if isinstance(failed, SideFailure):
            return cls(label, workload, size, failed.failure.status, failed.failure.reason)
        reason = f"wrong in a timed call: {failed.failures[0]}"
        return cls(label, workload, size, Status.WRONG, reason, tuple(failed.failures))

    @property
    def key(self) -> tuple[str, str, str]:
        """Whom it ends as a baseline, and where."""
        return self.implementation, self.workload, self.size

    def ending(self, cell: Cell) -> Cell:
        """`cell` ended by it: of what was timed nothing stays."""
        assert cell.proof is not None
        checks = cell.proof.checks
        if self.failures:
            checks = (*checks, CheckResult(TIMED_CALLS_CHECK, self.failures))
        return replace(
            cell,
            status=self.status,
            reason=self.reason,
            proof=replace(cell.proof, checks=checks),
            set_up=None,
            throughput=None,
            speed_up=None,
            service=None,
            latency=None,
            capacity=None,
        )


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

    Attributes
    ----------
    fallen : dict
        By implementation, workload and size: who failed while it was timed. There it is no baseline any more.
    copy_bandwidths : dict
        By number of threads: the curve that rooflines are interpolated on, once it is measured.
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
        self.fallen: dict[tuple[str, str, str], Fallen] = {}

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
        phase(f"proving {entry.label}")
        proved = self.prover.at_most(size_name, entry, workload, phase)
        account.add("verification", began_s)
        cell = self._cell(group, entry, proved)
        stream = proved.stream
        if not proved.usable or stream is None:
            return replace(cell, account_s=account.rounded())
        try:
            if "memory" in self.passes:
                cell = self._weighed(entry, cell, proved, account, phase)
            cell = self._timed(group, entry, cell, proved, account, phase)
            if self._takes_latency or "capacity" in self.passes:
                cell = self._loaded(group, entry, cell, proved, account, phase)
        except WorkerFailure as failure:
            cell = replace(cell, status=failure.status, reason=failure.reason)
        except (SideFailure, WrongInSample) as failed:
            cell = self._falls(failed, stream).ending(cell)
        if not self.inputs.is_intact(stream):
            self.kept.clear()  # they have mapped what was damaged
        return replace(
            cell,
            account_s=account.rounded(),
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

    def leave_out_the_wrong(self, cells: Iterable[Cell]) -> None:
        """Take as no baseline whoever `cells`, made before, say was wrong in a timed call."""
        for cell in cells:
            checks = cell.proof.checks if cell.proof else ()
            failures = tuple(one for check in checks if check.check == TIMED_CALLS_CHECK for one in check.failures)
            if failures:
                fallen = Fallen(cell.implementation, cell.workload, cell.size, cell.status, str(cell.reason), failures)
                self.fallen[fallen.key] = fallen

    def _falls(self, failed: SideFailure | WrongInSample, stream: Stream) -> Fallen:
        """Note who failed, unless the input was damaged: that is nobody's failure."""
        fallen = Fallen.of(failed, stream.workload, stream.size.name)
        if self.inputs.is_intact(stream):
            self.fallen[fallen.key] = fallen
        return fallen

    def _baselines(
        self, entry: Entry, workload: str, size_name: str, account: Account, phase: Phase
    ) -> Iterator[Entry]:
        """Whom `entry` is to be compared with at exactly that size, the preferred first; nobody after itself."""
        label, _ = self.inputs.workload(workload)
        for baseline in self.baselines:
            if baseline.label == entry.label:
                return
            if (baseline.label, label, size_name) in self.fallen:
                continue
            began_s = time.monotonic()
            proved = self.prover.at(size_name, baseline, workload, phase)
            account.add("proving the baseline", began_s)
            if proved.usable:
                yield baseline

    def _compared(
        self, group: Group, entry: Entry, duel: Duel, cpus: Sequence[int], account: Account, phase: Phase
    ) -> SpeedUp | None:
        """The speed-up over the first baseline that holds out; None where none does."""
        stream, size_name = duel.stream, duel.stream.size.name
        for baseline in self._baselines(entry, group.workload, size_name, account, phase):
            taken = [group.taken.setdefault((one.label, size_name), Taken()) for one in (baseline, entry)]
            try:
                versus = duel.versus(
                    baseline,
                    entry,
                    cpus,
                    (taken[0], taken[1]),
                    account,
                    lambda done, expected: phase(f"timing, pair {done + 1} of {expected}"),
                )
            except (SideFailure, WrongInSample) as failed:
                if failed.entry.label == entry.label or not self.inputs.is_intact(stream):
                    raise
                self._falls(failed, stream)
                self.kept.clear()
            else:
                return speed_up_of(versus, baseline.label, self.candidates, self.effort)
        return None

    def _left_out(self, entry: Entry, stream: Stream, speed_up: SpeedUp | None) -> Iterator[str]:
        """Of each baseline that would have come before the one that was taken, why it did not."""
        for baseline in self.baselines:
            if baseline.label in {entry.label, speed_up.baseline if speed_up else None}:
                return
            fallen = self.fallen.get((baseline.label, stream.workload, stream.size.name))
            if fallen:
                yield f"{baseline.label} is left out as the baseline: {fallen.reason}"

    def _timed(self, group: Group, entry: Entry, cell: Cell, proved: Proved, account: Account, phase: Phase) -> Cell:
        stream = proved.stream
        assert stream is not None
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
        speed_up = self._compared(group, entry, duel, cpus, account, phase)
        if speed_up is None and taken.processes < self.effort.least_pairs:  # a candidate that failed leaves fewer
            phase("timing")
            duel.alone(entry, cpus, taken, account)
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
            notes=(*cell.notes, *self._left_out(entry, stream, speed_up)),
            facts=dict(taken.warm_ups[-1].facts),
            counters=dict(taken.counters),
        )

    def _under_roof(self, throughput: Throughput, threads: int, stream: Stream) -> Throughput:
        """`throughput` with its share of what copying allows at the cell's own footprint."""
        threads = min(threads, len(allowed_cpus()))
        staged = 2 * throughput.readings_per_sample
        footprint = footprint_bytes(staged, stream.size.sensors, stream.size.retain)
        try:
            points = self.copy_bandwidths.get(threads) or tuple(copy_bandwidths((size, threads) for size in FOOTPRINTS))
        except MeasurementError:
            return replace(throughput, working_set_bytes=footprint)
        self.copy_bandwidths[threads] = points
        roof = Roofline(bytes_per_reading(stream.size.retain), at_footprint(points, footprint))
        return replace(
            throughput, working_set_bytes=footprint, roofline_share=round(roof.share(throughput.per_s.median), 6)
        )

    def _check(self, entry: Entry, samples: Sequence[Sample], stream: Stream) -> list[Failure]:
        return check_samples(entry.label, stream, samples, self.rng)

    def _weighed(self, entry: Entry, cell: Cell, proved: Proved, account: Account, phase: Phase) -> Cell:
        from harness.measure.memory.allocations import measure_allocations
        from harness.measure.memory.weigh import weigh
        from harness.verify.retained import check_history

        assert proved.stream is not None
        began_s = time.monotonic()
        phase("memory")
        stream, budget = proved.stream, self.memory_budget_bytes
        weighed = weigh(entry, stream, self.limits, budget_bytes=budget, hand_back_history=True)
        assert weighed.history is not None
        wrong = check_history(entry.label, stream, weighed.windows, stream.size.retain, weighed.history)
        if wrong:
            raise WrongInSample(entry, wrong)
        memory = weighed.memory
        if self.effort.counts_allocations:
            phase("allocations")
            found = measure_allocations(entry, stream, self.limits)
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
        from harness.measure.load.latency import (
            MOST_LENGTHENED_S,
            STUDY_P99_S,
            STUDY_PER_S,
            LatencySide,
            Load,
            latency_under,
        )
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
                load = Load(STUDY_PER_S, self.effort.latency_s, most_s=MOST_LENGTHENED_S)
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
