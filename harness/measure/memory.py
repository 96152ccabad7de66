"""Memory of an implementation, in a pass of its own: runtime, peak, history, retained; three figures, never one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.discovery import Entry
from harness.measure.process import Limits, Worker
from harness.measure.status import WorkerFailure
from harness.results import Memory, Status
from harness.stream import Stream, readings_to_fill
from harness.units import format_bytes

_DEADLINE_S = 120.0


def measure_memory(
    entry: Entry,
    stream: Stream,
    limits: Limits,
    *,
    retain: int | None = None,
    budget_bytes: int | None = None,
    most_s: float = 20.0,
) -> Memory:
    """Memory of `entry` on `stream` with its history full, in a fresh process.

    Parameters
    ----------
    retain
        Readings to retain; by default the size's own.
    budget_bytes
        What it may use over its runtime: it is killed at more while it runs, and judged by its true peak afterwards.
    most_s
        Stop feeding after that long; the figures then say that the history was not full.

    Raises
    ------
    WorkerFailure
        If it fails, or needs more than the budget.
    """
    wanted = stream.size.retain if retain is None else retain
    fill = readings_to_fill(replace_retain(stream, wanted))
    with Worker(entry, limits) as worker:
        before = worker.ask("memory_runtime", {"folder": str(stream.folder)}, deadline_s=_DEADLINE_S).values
        if budget_bytes is not None and before["runtime_bytes"]:
            worker.limits = replace(limits, memory_bytes=before["runtime_bytes"] + budget_bytes)
        reply = worker.ask(
            "memory",
            {"retain": wanted, "min_readings": max(fill, len(stream)), "most_s": most_s},
            deadline_s=_DEADLINE_S + 4 * most_s,
        )
    memory = _memory(before, reply.values, reply.arrays["times_s"].tolist(), reply.arrays["resident_bytes"].tolist())
    if budget_bytes is not None and memory.peak_bytes is not None and memory.peak_bytes > budget_bytes:
        raise WorkerFailure(
            Status.OUT_OF_MEMORY,
            f"peak of {format_bytes(memory.peak_bytes)} over its runtime; allowed are {format_bytes(budget_bytes)}",
        )
    return memory


def replace_retain(stream: Stream, retain: int) -> Stream:
    """`stream` with another `retain`."""
    return replace(stream, size=replace(stream.size, retain=retain))


def _memory(before: Mapping[str, Any], after: Mapping[str, Any], times_s: list[float], sizes: list[int]) -> Memory:
    runtime = before["runtime_bytes"]
    children = int(after["children_bytes"])

    def over(value: int | None, base: int | None = runtime) -> int | None:
        return None if value is None or base is None else max(0, value - base)

    peak = over(after["peak_bytes"]) if before["peak_is_known"] else None
    return Memory(
        runtime_bytes=runtime,
        peak_bytes=None if peak is None else peak + children,
        history_bytes=over(after["history_peak_bytes"], after["retained_bytes"]),
        retained_bytes=over(after["retained_bytes"]),
        details={
            "children_bytes": children,
            "mapped_bytes": after["mapped_bytes"],
            "anonymous_bytes": after["anonymous_bytes"],
            "history_readings": after["history_readings"],
            "history_full": after["full"],
            "readings": after["readings"],
            "gc_pauses": dict(after["pauses"]),
            "over_time": {"seconds": times_s, "resident_bytes": sizes},
        },
    )
