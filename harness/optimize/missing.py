"""Measure what a decision lacks: latency at the load that is asked for, of the cells of a stored run without it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.answers import CERTAIN_REPETITIONS, answers
from harness.discovery import Entry, find
from harness.errors import MeasurementError, UnlikeError
from harness.machine import fingerprint, refuse_unlike
from harness.measure.load.latency import measure_latency
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.throughput import WrongInSample
from harness.results import Cell, to_builtins
from harness.run.inputs import Inputs
from harness.run.plan import Plan
from harness.run.runner import CELL_KIND, default_memory_bytes, stored_cells
from harness.store import MANIFEST_NAME, Store, read_json
from harness.verify import check_under_load

_SECONDS = 3.0


def measure_missing(
    folder: Path,
    store: Store,
    offered_per_s: float,
    p99_s: float | None,
    workloads: Sequence[str],
    told: Callable[[str], None],
) -> int:
    """Add latency at `offered_per_s` to each verified cell whose own is no answer, store each at once, say how many.

    Whether its own answers if p99 is within `p99_s` is told by :func:`harness.answers.answers`.

    Raises
    ------
    UnlikeError
        If the run is of another machine, or its input is another by now.
    """
    manifest = read_json(folder / MANIFEST_NAME)
    refuse_unlike(folder, manifest.get("environment"), fingerprint(), "measure a run of this one")
    plan = Plan.from_builtins(manifest["plan"])
    texts = {}
    added = 0
    with Inputs(plan.sensors_path) as inputs:
        for text in plan.workloads:
            texts[inputs.workload(text)[0]] = text
        for cell in stored_cells(store).values():
            wanted = cell.verified and (not workloads or cell.workload in workloads) and cell.workload in texts
            if not wanted or (cell.latency and answers(cell.latency, offered_per_s, p99_s)):
                continue
            told(f"latency of {cell.implementation} on {cell.workload} at {cell.size}")
            measured = _measured(cell, _entry(plan, cell), inputs, texts[cell.workload], offered_per_s)
            if isinstance(measured, str):
                told(f"    {measured}")
                continue
            store.append({"kind": CELL_KIND, **to_builtins(measured)})
            added += 1
    return added


def _entry(plan: Plan, cell: Cell) -> Entry:
    for subject in plan.subjects:
        if subject.entry.label == cell.implementation:
            return subject.entry
    return find("processors", cell.implementation)


def _measured(cell: Cell, entry: Entry, inputs: Inputs, text: str, offered_per_s: float) -> Cell | str:
    stream = inputs.stream(text, inputs.size(text, cell.size))
    if stream.digest != cell.workload_digest:
        raise UnlikeError(f"{cell.workload} at {cell.size} has other readings by now; run again")
    limits = Limits(threads=cell.threads, memory_bytes=default_memory_bytes())
    _, workload = inputs.workload(text)
    try:
        latency = measure_latency(
            entry,
            stream,
            workload,
            limits,
            offered_per_s=offered_per_s,
            seconds=_SECONDS,
            repetitions=CERTAIN_REPETITIONS,
            check=check_under_load,
        )
    except (WorkerFailure, WrongInSample, MeasurementError) as failure:
        return str(failure)
    return replace(cell, latency=latency)
