"""The stalls of an idle loop: what is computed from them, and that real ones are seen."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from harness.errors import MeasurementError
from harness.measure.machine.stalls import Stalls, StallWatch, watch_stalls


def _stalls(watched_ns: int, *gaps_ns: int) -> Stalls:
    gaps = np.array(gaps_ns, np.int64)
    longest = int(gaps.max(initial=0))
    return Stalls(watched_ns, 1000, 10, np.arange(len(gaps)), gaps, len(gaps), longest)


@pytest.mark.parametrize("quantile", [0.0, 0.5, 0.9, 0.99, 0.999, 1.0])
def test_the_delay_is_that_of_evenly_spread_arrivals(quantile: float) -> None:
    rng = np.random.default_rng(5)
    gaps = rng.integers(11, 2000, 40)
    stalls = _stalls(100_000, *gaps)
    rest = np.concatenate([np.arange(gap, 0, -1) for gap in gaps] + [np.zeros(100_000 - gaps.sum())])
    expected = max(10.0, float(np.quantile(rest, quantile)))
    assert stalls.delay_ns(quantile) == pytest.approx(expected, abs=3)


def test_delays_at_the_edges() -> None:
    assert _stalls(1000).delay_ns(0.999) == 10
    assert _stalls(1000, 100).delay_ns(1.0) == 100
    assert _stalls(1000, 100).delay_ns(0.95) == pytest.approx(50)
    assert _stalls(1000, 100).delay_ns(0.5) == 10
    assert _stalls(1000, 500, 500).delay_ns(0.0) == 10
    with pytest.raises(MeasurementError, match="quantile"):
        _stalls(1000).delay_ns(1.5)


def test_the_histogram_counts_all() -> None:
    assert _stalls(1000).histogram() == []
    assert _stalls(1000, 15, 20, 25, 90).histogram() == [(20, 1), (40, 2), (80, 0), (160, 1)]
    assert sum(count for _, count in _stalls(1000, 11, 20, 40, 80, 160).histogram()) == 5


def test_watches_join() -> None:
    both = Stalls.joined([_stalls(1000, 50), _stalls(500, 20, 70)])
    assert (both.watched_ns, both.found, both.longest_ns, both.looks) == (1500, 3, 70, 2000)
    with pytest.raises(MeasurementError):
        Stalls.joined([])


def test_nothing_seen_is_none_and_not_zero() -> None:
    assert _stalls(1000).as_dict()["longest_s"] is None


def test_a_watch_takes_its_time_and_looks_often() -> None:
    watches = [watch_stalls(0.1) for _ in range(5)]
    assert min(abs(seen.watched_ns - 0.1e9) for seen in watches) < 0.05e9, "on a busy machine it begins or ends late"
    assert max(seen.looks for seen in watches) > 10_000
    for seen in watches:
        assert np.all(seen.gaps_ns > seen.threshold_ns)
        assert np.all(np.diff(seen.starts_ns) > 0)


def test_a_watch_ends_when_left_and_leaves_the_interpreter_free() -> None:
    with StallWatch() as watch:
        done = sum(range(100_000))  # would not end, if the watch kept the interpreter
        time.sleep(0.05)
    assert done
    assert watch.stalls is not None
    assert watch.stalls.watched_ns > 0.04e9
    assert threading.active_count() == 1 or all(thread.name != watch._thread.name for thread in threading.enumerate())
    with pytest.raises(MeasurementError, match="seconds"):
        StallWatch().wait()


def test_its_clock_is_python_s() -> None:
    from harness.measure.machine.stalls_kernels import idle

    summary = np.zeros(5, np.int64)
    empty = np.zeros(0, np.int64)
    before = time.monotonic_ns()
    idle(before + 1_000_000, 10_000, np.zeros(1, np.int64), empty, empty, summary)
    assert before <= summary[3] < summary[4] <= time.monotonic_ns()
    assert summary[4] - before >= 1_000_000


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs pinning")
def test_another_process_on_the_same_cpu_is_seen() -> None:
    cpu = max(os.sched_getaffinity(0))
    code = f"import os\nos.sched_setaffinity(0, {{{cpu}}})\nprint(flush=True)\nwhile True: pass"
    rival = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert rival.stdout is not None
        rival.stdout.readline()
        seen = watch_stalls(0.3, cpu)
    finally:
        rival.kill()
        rival.communicate()
    assert seen.longest_ns > 500_000
    assert seen.stalled_share > 0.2
    assert seen.delay_ns(0.999) > 400_000
