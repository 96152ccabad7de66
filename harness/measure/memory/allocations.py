"""Allocations of an implementation in steady state, in a pass of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.discovery import Entry
from harness.measure.processes.handle import Limits, Worker
from harness.stream import Stream, readings_to_fill

_DEADLINE_S = 300.0


def measure_allocations(
    entry: Entry,
    stream: Stream,
    limits: Limits,
    *,
    batches: int = 100,
    capture: Path | None = None,
    most_s: float = 10.0,
) -> Mapping[str, Any]:
    """What `entry` allocates over whole windows of at least `batches` batches, once warm and with its history full.

    Parameters
    ----------
    capture
        Keep memray's capture there.
    most_s
        Warm up for that long at most.

    Raises
    ------
    WorkerFailure
        If it fails.
    """
    a_window = max(1, (len(stream.cuts) - 1) // len(stream.window_ends))
    with Worker(entry, limits) as worker:
        worker.ask("start", {"folder": str(stream.folder)}, deadline_s=_DEADLINE_S)
        fill = readings_to_fill(stream)
        warm_up = {"min_calls": 3, "min_s": 0.1, "min_readings": max(fill, len(stream)), "most_s": most_s}
        worker.ask("warm_up", warm_up, deadline_s=_DEADLINE_S + 2 * most_s)
        request = {"windows": -(-batches // a_window), "capture": str(capture) if capture else None}
        return worker.ask("allocations", request, deadline_s=_DEADLINE_S).values
