"""A live side with a worker that is none: what it is asked for, and how long it may take."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.contract import STANDARD_SIZES
from harness.discovery import find, workload
from harness.measure.processes.handle import Limits, Reply
from harness.measure.speed.effort import EFFORTS
from harness.measure.speed.live import LiveSide
from harness.results import Level
from harness.stream import write_stream


class FakeWorker:
    """Warmed up at `per_reading_ns`; remembers the deadlines it was given."""

    def __init__(self, per_reading_ns: float) -> None:
        self.per_reading_ns = per_reading_ns
        self.described = {"threads": "one"}
        self.asked: dict[str, tuple[dict[str, Any], float]] = {}

    def load(self) -> None: ...

    def ask(self, operation: str, request: dict[str, Any], *, deadline_s: float) -> Reply:
        self.asked[operation] = request, deadline_s
        warm: dict[str, Any] = {"first_call_ns": 1, "timed_ns": 1, "calls": 1, "full": True, "facts": {}}
        answers: dict[str, dict[str, Any]] = {
            "start": {"start_ns": 1},
            "warm_up": warm,
            "sample": {"timed_ns": 1, "readings": 1, "first_window": 0},
        }
        arrays = {
            "per_reading_ns": np.full(9, self.per_reading_ns),
            "service_ns": np.ones(1, np.int64),
            "folds": np.empty(0, "V64"),
        }
        return Reply(answers[operation], arrays, 1, 1, 1)


@pytest.mark.parametrize("per_reading_ns", [0.5, 100.0, 50_000.0])
def test_a_sample_has_time_to_stage_its_readings(per_reading_ns: float, tmp_path: Path) -> None:
    """At 0.1 GB/s: of the fastest, samples are 24 million readings."""
    name, steady = workload("steady")
    stream = write_stream(steady, name, STANDARD_SIZES["tiny"], tmp_path / "stream")
    side = LiveSide(find("processors", "naive"), stream, Limits(), EFFORTS[Level.DEFAULT])
    worker = FakeWorker(per_reading_ns)
    side._worker = worker  # type: ignore[assignment]
    side.prepare(0)
    side.sample(None)
    request, deadline_s = worker.asked["sample"]
    readings = request["windows"] * len(stream) / len(stream.window_ends)
    timed_s = readings * per_reading_ns / 1e9
    assert timed_s >= 0.01
    assert deadline_s == pytest.approx(10 + 16 * readings / 0.1e9 + 8 * timed_s)
