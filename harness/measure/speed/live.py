"""A live side of a pair: a worker whose processor is started, warmed up and full of history."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from harness.contract import RECORD_DTYPE
from harness.discovery import Entry
from harness.measure.processes.handle import Limits, Reply, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.audited import audited_of
from harness.measure.speed.effort import Effort
from harness.measure.speed.folds import FOLD_DTYPE
from harness.measure.speed.pairing import Sample
from harness.results import Status
from harness.stream import Stream

_START_DEADLINE_S = 120.0
_ONE_CPU, _CPU_SLACK_NS = 1.05, 20_000_000
"""CPU time of a sample by one thread, at most: this many times what passed, and the interpreter's own around it."""
_SLACK = 8.0
"""A sample may take this many times what the warm-up foretold before it counts as hanging."""
_STAGED_BYTES_PER_S = 1e8
"""How slowly a sample's input is staged at worst: virtual machines touch fresh memory at 0.2 GB/s."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What warming up took and showed."""

    start_s: float
    first_answer_s: float
    seconds: float
    calls: int
    history_full: bool
    per_reading_ns: tuple[float, ...]
    facts: Mapping[str, float | int | str]


class LiveSide:
    """One implementation on one stream in one fresh worker, ready to be sampled; a context manager.

    Use `spawn` on all sides first, so that they start side by side, then `prepare` on each.

    Parameters
    ----------
    whole_passes : bool
        Whether a sample is whole passes over the stream, each window staged when it is its turn; else it is as few
        windows as last long enough, all staged beforehand.

    Raises
    ------
    WorkerFailure
        With the status and reason that end the cell.
    """

    def __init__(
        self, entry: Entry, stream: Stream, limits: Limits, effort: Effort, *, whole_passes: bool = False
    ) -> None:
        self.entry = entry
        self.stream = stream
        self.effort = effort
        self.windows = 1
        self._limits = limits
        self._whole_passes = whole_passes
        self._worker = Worker(entry, limits)
        self._sample_deadline_s = _START_DEADLINE_S

    def __enter__(self) -> Self:
        self._worker.spawn()
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()

    @property
    def threads(self) -> str:
        """What it works with: "one", or "many" if it declares so and is allowed to."""
        return str(self._worker.described["threads"]) if self._limits.threads > 1 else "one"

    def prepare(self, fill_readings: int, windows: int | None = None) -> WarmUp:
        """Load, start, warm up, and settle how many windows a sample takes (`windows` if given)."""
        worker, effort = self._worker, self.effort
        worker.load()
        started = worker.ask("start", {"folder": str(self.stream.folder)}, deadline_s=_START_DEADLINE_S)
        most_s = max(effort.cell_budget_s, 2 * effort.warm_up_s)
        warm = worker.ask(
            "warm_up",
            {
                "min_calls": effort.warm_up_calls,
                "min_s": effort.warm_up_s,
                "min_readings": fill_readings,
                "most_s": most_s,
            },
            deadline_s=2 * most_s + _START_DEADLINE_S,
        )
        self._settle(warm, windows)
        first_call_ns = warm.values["first_call_ns"] or 0
        return WarmUp(
            start_s=started.values["start_ns"] / 1e9,
            first_answer_s=(started.values["start_ns"] + first_call_ns) / 1e9,
            seconds=warm.values["timed_ns"] / 1e9,
            calls=warm.values["calls"],
            history_full=warm.values["full"],
            per_reading_ns=tuple(warm.arrays["per_reading_ns"].tolist()),
            facts=warm.values["facts"],
        )

    def _settle(self, warm: Reply, windows: int | None) -> None:
        per_reading_ns = warm.arrays["per_reading_ns"]
        recent_ns = float(np.median(per_reading_ns[len(per_reading_ns) // 2 :]))
        in_a_pass = len(self.stream.window_ends)
        window_readings = len(self.stream) / in_a_pass
        window_s = recent_ns * window_readings / 1e9
        step = in_a_pass if self._whole_passes else 1
        least = math.ceil(self.effort.least_sample_s(self.threads) * 1.2 / (step * window_s))
        self.windows = windows or step * max(1, least)
        self._sample_deadline_s = sample_deadline_s(self.windows * window_readings, self.windows * window_s)

    def sample(self, audit: int | None) -> Sample:
        """Take one sample on the worker's clock."""
        request = {"windows": self.windows, "audit": audit, "in_turn": self._whole_passes}
        reply = self._worker.ask("sample", request, deadline_s=self._sample_deadline_s)
        self._check_threads(reply)
        return Sample(
            int(reply.values["timed_ns"]),
            int(reply.values["readings"]),
            reply.arrays["service_ns"],
            audited_of(reply.values.get("audited"), reply.arrays),
            reply.arrays["folds"].view(FOLD_DTYPE),
            int(reply.values["first_window"]),
        )

    def _check_threads(self, reply: Reply) -> None:
        """See that who says that it uses one thread keeps one CPU busy at most."""
        if self.threads == "one" and reply.cpu_ns > _ONE_CPU * reply.elapsed_ns + _CPU_SLACK_NS:
            used = reply.cpu_ns / reply.elapsed_ns
            raise WorkerFailure(Status.FAILED, f"kept {used:.2f} CPUs busy in a sample; expected one thread")

    def count(self) -> Mapping[str, Any]:
        """The processor's counters over one more window: a reading's share, what is missing and why."""
        found = self._worker.ask("count", {"windows": 1}, deadline_s=self._sample_deadline_s).values
        missing = {name: count["reason"] for name, count in found["counters"].items() if count.get("value") is None}
        known = {name: value for name, value in found["per_reading"].items() if value is not None}
        return {"per_reading": known, "missing": missing, "whole": found["whole"]}


def sample_deadline_s(readings: float, foretold_s: float) -> float:
    """How long a sample may take that is foretold to be timed for `foretold_s`: it stages its `readings` before.

    >>> sample_deadline_s(readings=1e6, foretold_s=0.01), sample_deadline_s(readings=2e8, foretold_s=0.1)
    (10.24, 42.8)
    """
    return 10.0 + RECORD_DTYPE.itemsize * readings / _STAGED_BYTES_PER_S + _SLACK * foretold_s


class GuardedSide:
    """A live side whose failures are raised as what `failed` makes of them: of two sides, which of them it was."""

    def __init__(self, side: LiveSide, failed: Callable[[WorkerFailure], Exception]) -> None:
        self._side, self._failed = side, failed

    def __enter__(self) -> Self:
        self._side.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._side.__exit__(*error)

    @property
    def windows(self) -> int:
        """Whole windows a sample."""
        return self._side.windows

    def prepare(self, fill_readings: int) -> WarmUp:
        """As `LiveSide.prepare`."""
        with self._guarded():
            return self._side.prepare(fill_readings)

    def sample(self, audit: int | None) -> Sample:
        """As `LiveSide.sample`."""
        with self._guarded():
            return self._side.sample(audit)

    def count(self) -> Mapping[str, Any]:
        """As `LiveSide.count`."""
        with self._guarded():
            return self._side.count()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except WorkerFailure as failure:
            raise self._failed(failure) from failure
