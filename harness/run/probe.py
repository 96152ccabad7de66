"""How long an implementation would take at a size: a short taste of it, to choose what fits the budget.

Nothing measured here is reported; it only decides at which size the real measurement is made.
"""

from harness.discovery import Entry
from harness.measure.processes.handle import Limits, Worker
from harness.measure.speed.effort import Effort
from harness.stream import Stream

_TASTE_S = 0.3
_DEADLINE_S = 120.0
_VERIFY_PASSES = 2.5
"""Passes over the stream that a proof takes, about: the whole stream, and windows of it cut otherwise and reseeded."""


def predicted_s(entry: Entry, stream: Stream, limits: Limits, effort: Effort, fill_readings: int) -> float:
    """Seconds that proof and measurement of `entry` on `stream` would take, judging by a taste of its beginning.

    Raises
    ------
    WorkerFailure
        If it fails even here.
    """
    with Worker(entry, limits) as worker:
        worker.ask("start", {"folder": str(stream.folder)}, deadline_s=_DEADLINE_S)
        taste = worker.ask("taste", {"most_s": _TASTE_S}, deadline_s=_DEADLINE_S).values
    per_reading_s = taste["timed_ns"] / max(1, taste["readings"]) / 1e9
    window = len(stream) / len(stream.window_ends)
    sampled = effort.least_pairs * (fill_readings + window * 2 * effort.blocks)
    return float(per_reading_s * (_VERIFY_PASSES * len(stream) + sampled))
