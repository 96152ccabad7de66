"""Memory of an implementation, in a pass of its own: runtime, peak, history, retained; three figures, never one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.contract import History
from harness.discovery import Entry
from harness.measure.processes.handle import Limits, Reply, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.feed import window_at
from harness.results import Memory, Status
from harness.stream import Stream, readings_to_fill
from harness.units import format_bytes

_DEADLINE_S = 120.0
_RECORD_BYTES = 16
_BESIDE_BYTES = 16 << 20
"""What a worker may hold for a moment that its peak does not count: the harness's own, and the kernel's reckoning."""
_PIECE_READINGS = 200_000
_COLUMNS = ("sensor_id", "time", "calibrated")


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What a memory pass found.

    Parameters
    ----------
    memory : Memory
    facts : mapping
        What the implementation says of itself.
    windows : int
        Windows it was fed.
    history : History or None
        What it retained in the end, where that was asked for.
    """

    memory: Memory
    facts: Mapping[str, float | int | str]
    windows: int
    history: History | None = None


def measure_memory(
    entry: Entry,
    stream: Stream,
    limits: Limits,
    *,
    retain: int | None = None,
    budget_bytes: int | None = None,
    most_s: float = 20.0,
) -> Memory:
    """Memory of `entry` on `stream`; as `weigh`, which tells more."""
    return weigh(entry, stream, limits, retain=retain, budget_bytes=budget_bytes, most_s=most_s).memory


def weigh(
    entry: Entry,
    stream: Stream,
    limits: Limits,
    *,
    retain: int | None = None,
    budget_bytes: int | None = None,
    most_s: float = 20.0,
    least_readings: int | None = None,
    steady_windows: int | None = None,
    hand_back_history: bool = False,
) -> Weighed:
    """Weigh `entry` on `stream` until its history is full, and in steady state after that, in a fresh process.

    Parameters
    ----------
    retain
        Readings to retain; by default the size's own.
    budget_bytes
        What it may use over its runtime, in the sense of `Memory.peak_bytes`, by which it is judged afterwards. It is
        killed while it runs where it holds so much more that its peak could not be within it.
    most_s
        Stop filling after that long, the figures then say that the history was not full; and the steady state.
    least_readings
        To feed even if fewer fill the history; by default a pass over the stream.
    steady_windows
        Windows of the steady state; by default a pass over the stream.
    hand_back_history
        Whether what is retained in the end is wanted.

    Raises
    ------
    WorkerFailure
        If it fails, or needs more than the budget.
    """
    wanted = stream.size.retain if retain is None else retain
    fill = readings_to_fill(replace_retain(stream, wanted))
    request = {
        "retain": wanted,
        "min_readings": max(fill, len(stream) if least_readings is None else least_readings),
        "steady_windows": len(stream.window_ends) if steady_windows is None else steady_windows,
        "most_s": most_s,
    }
    with Worker(entry, limits) as worker:
        before = worker.ask("memory_runtime", {"folder": str(stream.folder)}, deadline_s=_DEADLINE_S).values
        if budget_bytes is not None and before["runtime_bytes"]:
            beside_bytes = _input_pages_bytes(stream) + _BESIDE_BYTES
            worker.limits = replace(limits, memory_bytes=before["runtime_bytes"] + budget_bytes + beside_bytes)
        try:
            reply = worker.ask("memory", request, deadline_s=_DEADLINE_S + 8 * most_s)
        except WorkerFailure as failure:
            if budget_bytes is None or failure.status is not Status.OUT_OF_MEMORY:
                raise
            over_bytes = worker.peak_seen_bytes - int(before["runtime_bytes"] or 0)
            raise _over_budget(f"killed at {format_bytes(over_bytes)}", budget_bytes) from failure
        worker.limits = limits  # facts are no work; the copy that history hands out is the caller's, weighed apart
        copied = worker.ask("memory_history", deadline_s=_DEADLINE_S).values
        history = _retained(worker, copied["history_readings"]) if hand_back_history else None
    memory = _memory(before, reply, copied)
    if budget_bytes is not None and memory.peak_bytes is not None and memory.peak_bytes > budget_bytes:
        raise _over_budget(f"peak of {format_bytes(memory.peak_bytes)}", budget_bytes)
    return Weighed(memory, dict(copied["facts"]), int(reply.values["windows"]), history)


def _retained(worker: Worker, readings: int) -> History:
    """What was retained when ``memory_history`` was asked, fetched piece by piece."""
    pieces = [
        worker.ask("retained", {"first": first, "count": _PIECE_READINGS}, deadline_s=_DEADLINE_S).arrays
        for first in range(0, max(1, readings), _PIECE_READINGS)
    ]
    return History(*(np.concatenate([piece[name] for piece in pieces]) for name in _COLUMNS))


def replace_retain(stream: Stream, retain: int) -> Stream:
    """`stream` with another `retain`."""
    return replace(stream, size=replace(stream.size, retain=retain))


def _input_pages_bytes(stream: Stream) -> int:
    """What of the mapped input can be resident at a time, while a window is staged: it is the caller's."""
    windows = range(len(stream.window_ends))
    return 2 * _RECORD_BYTES * max(window_at(stream, index).readings for index in windows)


def _over_budget(what: str, budget_bytes: int) -> WorkerFailure:
    return WorkerFailure(
        Status.OUT_OF_MEMORY,
        f"{what} over its runtime; allowed are {format_bytes(budget_bytes)}: allow more with --memory",
    )


def _memory(before: Mapping[str, Any], reply: Reply, copied: Mapping[str, Any]) -> Memory:
    after = reply.values
    runtime = before["runtime_bytes"]

    def over(value: int | None, base: int | None = runtime, beside: int = 0) -> int | None:
        return None if value is None or base is None else max(0, value - base) + beside

    return Memory(
        runtime_bytes=runtime,
        peak_bytes=over(after["peak_bytes"], beside=after["children_bytes"]) if before["peak_is_known"] else None,
        history_bytes=over(copied["history_peak_bytes"], after["retained_bytes"]),
        retained_bytes=over(after["retained_bytes"], beside=after["children_retained_bytes"]),
        details={
            "children_bytes": after["children_bytes"],
            "children": dict(after["children"]),
            "mapped_bytes": after["mapped_bytes"],
            "device_bytes": copied["facts"].get("device_bytes"),
            "anonymous_bytes": over(after["anonymous_bytes"], before["anonymous_bytes"]),
            "history_readings": copied["history_readings"],
            "history_full": after["full"],
            "readings": after["readings"],
            "gc_pauses": dict(after["pauses"]),
            "steady_gc_pauses": dict(after["steady_pauses"]) if after["steady_pauses"] else None,
            "over_time": {
                "seconds": np.round(reply.arrays["times_s"], 4).tolist(),
                "resident_bytes": reply.arrays["resident_bytes"].tolist(),
            },
        },
    )
