"""One value a process: the interval of a rate covers it, whatever number of samples a process gave."""

import math

import numpy as np
import pytest

from harness.errors import MeasurementError
from harness.statistics import per_second, process_logs, t_interval


def test_a_process_counts_as_the_median_of_its_logarithms() -> None:
    found = process_logs([[10.0, 12.0, 900.0], [20.0, 20.0]])
    assert found == pytest.approx([math.log(12), math.log(20)])


def test_the_rate_is_the_interval_of_the_processes_turned_round() -> None:
    times_ns = [[10.0, 11.0, 12.0], [12.0], [9.0, 9.5]]
    found, logs = per_second(times_ns), t_interval(process_logs(times_ns), 0.95)
    assert found.estimate == pytest.approx(1e9 / math.exp(logs.estimate))
    assert (found.low, found.high) == pytest.approx((1e9 / math.exp(logs.high), 1e9 / math.exp(logs.low)))
    assert found.low <= found.estimate <= found.high


@pytest.mark.parametrize(("processes", "samples"), [(3, 2), (6, 8), (12, 8), (6, 12)])
@pytest.mark.parametrize(("between", "within"), [(0.0, 0.02), (0.02, 0.02), (0.03, 0.01)])
def test_the_truth_lies_inside_as_often_as_is_said(processes: int, samples: int, between: float, within: float) -> None:
    """Pooled samples covered it in 46 to 84% where processes differ, the less the more samples each gave."""
    rng = np.random.default_rng(processes * samples)
    inside = 0
    for _ in range(600):
        logs = rng.normal(0, between, (processes, 1)) + rng.normal(0, within, (processes, samples))
        found = per_second(np.exp(logs).tolist())
        inside += found.low <= 1e9 <= found.high
    assert 0.925 <= inside / 600 <= 0.975


def test_more_samples_of_the_same_processes_do_not_narrow_it() -> None:
    times_ns = [[10.0, 10.2], [10.5, 10.7], [9.8, 10.0]]
    assert per_second([row * 20 for row in times_ns]) == per_second(times_ns)


@pytest.mark.parametrize("times_ns", [[], [[10.0, 10.0]], [[10.0], []], [[10.0], [0.0]], [[10.0], [math.inf]]])
def test_what_has_no_interval_is_refused(times_ns: list[list[float]]) -> None:
    with pytest.raises(MeasurementError, match="expected"):
        per_second(times_ns)
