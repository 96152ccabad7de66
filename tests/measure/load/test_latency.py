"""Latency of a live worker: a planted stall shows, what is handed back under load is checked, costs are known."""

import os
from pathlib import Path

import pytest

from harness.discovery import find, workload
from harness.measure.load.latency import LatencySide, Load
from harness.measure.processes.handle import Limits
from harness.measure.speed.throughput import WrongInSample
from harness.results import Failure
from harness.statistics.histogram import recording_cost_ns
from harness.stream import Stream, write_stream
from harness.verify import check_under_load

STALLS = Path(__file__).parent / "subjects" / "stalls.py"
WHOLE = "SENSORBENCH_TRUST_ROUNDS" in os.environ
"""The claim as it stands takes ten seconds; a tenth of it shows the same."""


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    _, steady = workload("steady")
    return write_stream(steady, "steady", steady.size("small"), tmp_path_factory.mktemp("stream"))


def test_a_planted_stall_shows_in_the_tail_of_a_live_worker(stream: Stream) -> None:
    """Of what comes in 2% of the time, half waits longer than half the stall: that is the 99th percentile of all.

    One stall in so many readings that a stretch holds one at least whole, wherever the warm-up has left off.
    """
    seconds = 10.0 if WHOLE else 1.0
    stall_s, every = 0.02 * seconds, round(0.5e6 * seconds)
    entry = find("processors", f"{STALLS}")
    entry = type(entry)(entry.kind, entry.name, entry.reference, {"stall_s": stall_s, "every": every})
    with LatencySide(entry, stream, workload("steady")[1], Limits(), warm_up_s=0.1, check=check_under_load) as side:
        stretch = side.take(Load(1e6, seconds))
    assert stretch.readings == 2 * every
    assert stretch.p99_s is not None
    assert stretch.max_s is not None
    assert stretch.p99_s >= 0.45 * stall_s
    assert stretch.max_s >= 0.9 * stall_s
    assert max(stretch.lines["backlog"]) >= 0.7 * stall_s * 1e6
    assert stretch.checked


def test_a_wrong_window_under_load_ends_it(stream: Stream) -> None:
    failure = Failure("values_calibrated", "simd", "steady", None, 3, "1", "2", "0")
    with LatencySide(
        find("processors", "simd"),
        stream,
        workload("steady")[1],
        Limits(),
        warm_up_s=0.05,
        check=lambda *_: ([failure], 0),
    ) as side:
        assert side.warm_per_s > 0
        with pytest.raises(WrongInSample, match="values_calibrated"):
            side.take(Load(1e6, 0.2))


def test_recording_costs_less_than_a_percent_of_what_the_study_allows_a_reading() -> None:
    """At 1,000,000/s a reading has a microsecond; the median over batches, so that a busy machine does not matter."""
    assert min(recording_cost_ns(batch=1_000) for _ in range(3)) < 10
    assert min(recording_cost_ns(batch=10) for _ in range(3)) < 200
