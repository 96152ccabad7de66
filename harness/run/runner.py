"""Carry out a plan: cell by cell, each stored before the next begins; go on where a run was cut off."""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from harness.discovery import Entry, find
from harness.errors import InputError, SensorbenchError
from harness.measure.machine.roofline import CopyBandwidth
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS, Effort
from harness.results import Cell, CellKey, Level, from_builtins, to_builtins
from harness.run.cell import FOOTPRINTS, CellMaker, Fallen
from harness.run.inputs import Inputs
from harness.run.plan import Plan
from harness.run.sentinels import SENTINEL_KIND, watch
from harness.store import Store, moment

CELL_KIND = "cell"
COPY_KIND = "copy_bandwidth"


class Progress(Protocol):
    """Who is told how a run goes on."""

    def begin(self, total: int, done: int) -> None:
        """The run has `total` cells, of which `done` are stored already."""

    def cell(self, implementation: str, workload: str, size: str) -> None:
        """A cell begins."""

    def phase(self, text: str) -> None:
        """The cell under way enters a phase."""

    def finished(self, cell: Cell) -> None:
        """A cell is stored."""

    def taken_back(self, cell: Cell) -> None:
        """A cell that was good is stored anew, as `cell`: its implementation has failed since."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One cell to be made."""

    entry: Entry
    workload: str
    size: str


def planned_cells(plan: Plan, inputs: Inputs) -> list[Planned]:
    """All cells of `plan`, workload by workload, the baseline first in each."""
    order = {label: place for place, label in enumerate(plan.baselines)}
    subjects = sorted(plan.subjects, key=lambda subject: order.get(subject.entry.label, len(order)))
    return [
        Planned(subject.entry, workload, inputs.size(workload, plan.size).name)
        for workload in plan.workloads
        for subject in subjects
    ]


def missing_cells(plan: Plan, inputs: Inputs, store: Store) -> list[Planned]:
    """Those of :func:`planned_cells` that no run has made in `store` yet."""
    made = {cell.key for cell in stored_cells(store).values() if _is_made(cell)}
    return [planned for planned in planned_cells(plan, inputs) if not _is_among(made, planned, inputs, plan)]


def stored_cells(store: Store) -> dict[CellKey, Cell]:
    """The newest cell of each key that `store` holds."""
    found = {}
    for record in store.records(CELL_KIND):
        cell = from_builtins({name: value for name, value in record.items() if name != "kind"}, Cell)
        found[cell.key] = cell
    return found


def check_subjects(plan: Plan) -> None:
    """See that every implementation with parameters takes them, before anything is measured.

    Raises
    ------
    UsageError
        If one does not; a file that cannot be loaded at all becomes a cell instead.
    """
    for subject in plan.subjects:
        if subject.parameters:
            with contextlib.suppress(WorkerFailure), Worker(subject.entry, Limits()):
                pass


def carry_out(plan: Plan, inputs: Inputs, store: Store, progress: Progress) -> Iterator[Cell]:
    """Make every cell of `plan` that `store` does not hold yet; append each and hand it out.

    The sentinels of a rigorous run are taken anew each time it goes on: they speak for the same minutes alone.

    Raises
    ------
    SensorbenchError
        If the input or the store fails; what fails inside a worker becomes a cell instead.
    """
    effort = EFFORTS[plan.level]
    limits = Limits(threads=plan.threads, memory_bytes=default_memory_bytes())
    cells, missing, stored = planned_cells(plan, inputs), missing_cells(plan, inputs, store), stored_cells(store)
    _check_inputs({planned.workload for planned in missing}, inputs, stored.values())
    baselines = tuple(find_or_subject(plan, label) for label in plan.baselines)
    candidates = max(1, len(cells) - len(plan.workloads))
    progress.begin(len(cells), len(cells) - len(missing))
    if plan.level is Level.RIGOROUS and missing:
        _watch(plan, inputs, store, effort, limits, progress)
    with CellMaker(
        inputs, effort, limits, candidates, baselines, plan.passes, plan.seed, plan.memory_budget_bytes
    ) as maker:
        maker.leave_out_the_wrong(stored.values())
        maker.copy_bandwidths |= _stored_bandwidths(store)
        for planned in missing:
            progress.cell(planned.entry.label, inputs.workload(planned.workload)[0], planned.size)
            cell = maker.make(planned.entry, planned.workload, planned.size, progress.phase)
            cell = _with_loads(cell, stored.get(cell.key))
            _store_bandwidths(store, maker.copy_bandwidths)
            for ended in _ended(store, maker.fallen.values()):
                store.append({"kind": CELL_KIND, **to_builtins(ended)})
                progress.taken_back(ended)
                yield ended
            store.append({"kind": CELL_KIND, **to_builtins(cell)})
            progress.finished(cell)
            yield cell


def _is_made(cell: Cell) -> bool:
    """Whether a run made it; one that another command only proved and put under load has no account of its time."""
    return bool(cell.account_s)


def _is_among(keys: Collection[CellKey], planned: Planned, inputs: Inputs, plan: Plan) -> bool:
    """Whether the cell is one of `keys`: with the plan's threads or, of an implementation that works with one, one."""
    label, _ = inputs.workload(planned.workload)
    return any((planned.entry.label, label, planned.size, threads) in keys for threads in {1, plan.threads})


def _with_loads(cell: Cell, stored: Cell | None) -> Cell:
    """`cell` with what other commands found of it under load on the same readings, where it has nothing itself."""
    if stored is None or not (cell.verified and stored.verified and cell.workload_digest == stored.workload_digest):
        return cell
    return replace(cell, latency=cell.latency or stored.latency, capacity=cell.capacity or stored.capacity)


def _stored_bandwidths(store: Store) -> dict[int, tuple[CopyBandwidth, ...]]:
    """By number of threads, the curves that `store` holds whole."""
    found: dict[int, list[CopyBandwidth]] = {}
    for record in store.records(COPY_KIND):
        found.setdefault(record["threads"], []).append(CopyBandwidth.from_dict(dict(record)))
    return {threads: tuple(points) for threads, points in found.items() if len(points) >= len(FOOTPRINTS)}


def _store_bandwidths(store: Store, measured: Mapping[int, tuple[CopyBandwidth, ...]]) -> None:
    for threads in measured.keys() - _stored_bandwidths(store).keys():
        for point in measured[threads]:
            store.append({"kind": COPY_KIND, **point.as_dict()})


def _ended(store: Store, fallen: Iterable[Fallen]) -> list[Cell]:
    """Whatever `store` holds as good of implementations that have failed since, ended."""
    ends = {one.key: one for one in fallen}
    if not ends:
        return []
    return [
        ends[key].ending(cell)
        for cell in stored_cells(store).values()
        if cell.verified and (key := (cell.implementation, cell.workload, cell.size)) in ends
    ]


def _check_inputs(workloads: Iterable[str], inputs: Inputs, stored: Iterable[Cell]) -> None:
    """See that `workloads`, of which cells are still to be made, are what those that are stored were made on.

    Raises
    ------
    InputError
        If a file has another content than when the run began: its cells would not be of one kind.
    """
    texts = {inputs.workload(text)[0]: text for text in workloads}
    made_on = {(cell.workload, cell.size): cell.workload_digest for cell in stored if cell.workload_digest}
    for (label, size), digest in made_on.items():
        if label in texts and inputs.stream(texts[label], inputs.size(texts[label], size)).digest != digest:
            raise InputError(
                f"{label} is not what it was when this run began; put the file back as it was, or begin a new run"
            )


def _watch(plan: Plan, inputs: Inputs, store: Store, effort: Effort, limits: Limits, progress: Progress) -> None:
    """Take the sentinels on the first workload, at the small size, and store how they came out."""
    workload = plan.workloads[0]
    stream = inputs.stream(workload, inputs.size(workload, "small"))
    progress.cell("sentinels", workload, "small")
    taken = moment()
    for sentinel in watch(stream, effort, limits, plan.seed):
        store.append({"kind": SENTINEL_KIND, "session": taken, **to_builtins(sentinel)})


def find_or_subject(plan: Plan, label: str) -> Entry:
    """The entry of a baseline: one of the plan's subjects, or found by its name."""
    for subject in plan.subjects:
        if subject.entry.label == label:
            return subject.entry
    return find("processors", label)


def default_memory_bytes() -> int:
    """What a worker may use when nothing was said: 60% of the machine's memory."""
    import psutil

    return int(psutil.virtual_memory().total * 0.6)


def new_run_folder(results: Path, run_id: str) -> Path:
    """A folder for a new run that does not exist yet."""
    folder = results / run_id
    number = 1
    while folder.exists():
        number += 1
        folder = results / f"{run_id}-{number}"
    if number > 1000:
        raise SensorbenchError(f"{results}: too many runs called {run_id}")
    return folder
