"""Counters beside a real implementation in a real worker."""

from pathlib import Path

import pytest

from harness.contract import STANDARD_SIZES
from harness.discovery import find, workload
from harness.measure.processes.handle import Limits, Worker
from harness.stream import write_stream


def test_a_worker_counts_its_windows(tmp_path: Path) -> None:
    name, steady = workload("steady")
    stream = write_stream(steady, name, STANDARD_SIZES["tiny"], tmp_path / "stream")
    effort = {"min_calls": 1, "min_s": 0.0, "min_readings": 0, "most_s": 5.0}
    with Worker(find("processors", "hash_indexed"), Limits()) as worker:
        worker.ask("start", {"folder": str(stream.folder)}, deadline_s=60)
        worker.ask("warm_up", effort, deadline_s=60)
        few = worker.ask("count", {"windows": 2}, deadline_s=60).values
        many = worker.ask("count", {"windows": 20}, deadline_s=60).values
    assert many["readings"] == 10 * few["readings"]
    assert many["whole"] is True
    assert many["counters"]["task_clock_ns"]["value"] > few["counters"]["task_clock_ns"]["value"] > 0
    for name, count in many["counters"].items():
        assert (count["value"] is None) == bool(count.get("reason"))
        if count["value"] is not None:
            assert many["per_reading"][name] == pytest.approx(count["value"] / many["readings"])
        else:
            assert many["per_reading"][name] is None
