"""Steadiness: trends are named, noise and single stalls are not."""

import numpy as np
import pytest
from scipy import stats

from harness.errors import MeasurementError
from harness.statistics import drift, steadiness
from harness.statistics.steadiness import trend_significance


@pytest.mark.parametrize("count", [6, 9, 10, 25, 40])
def test_the_exact_significance_is_that_of_scipy(count: int) -> None:
    rng = np.random.default_rng(count)
    for slope in (0.0, 0.1, -0.3):
        values = rng.normal(size=count) + slope * np.arange(count)
        expected = stats.kendalltau(np.arange(count), values, method="exact").pvalue
        assert trend_significance(values) == pytest.approx(expected)


# Kendall's table of the probability that S reaches a value or more (one side).
@pytest.mark.parametrize(
    ("count", "score", "one_sided"), [(4, 6, 0.042), (5, 8, 0.042), (5, 10, 0.0083), (10, 21, 0.036), (10, 25, 0.014)]
)
def test_the_table_of_kendall(count: int, score: int, one_sided: float) -> None:
    assert trend_significance(values_with_score(count, score)) == pytest.approx(2 * one_sided, rel=0.03)


def values_with_score(count: int, score: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """An order of `count` values whose Kendall score is `score`."""
    inversions = (count * (count - 1) // 2 - score) // 2
    left = list(range(count))
    order = []
    for place in range(count):
        step = min(inversions, count - 1 - place)
        order.append(left.pop(step))
        inversions -= step
    return np.array(order, np.float64)


def test_many_values_or_ties_are_judged_by_the_normal_approximation() -> None:
    rng = np.random.default_rng(0)
    smooth = rng.normal(size=80) + 0.01 * np.arange(80)
    for values in (smooth, np.asarray(np.round(smooth), np.float64)):
        expected = stats.kendalltau(np.arange(len(values)), values, method="asymptotic").pvalue
        assert trend_significance(values) == pytest.approx(expected, abs=0.02)
    assert trend_significance(np.ones(50)) == 1.0


@pytest.mark.parametrize("change", [-0.3, -0.1, 0.1, 0.3])
def test_a_trend_over_the_last_half_is_named_with_its_size(change: float) -> None:
    noise = 1 + 0.005 * np.random.default_rng(1).normal(size=60)
    times = np.concatenate([np.ones(30), np.geomspace(1, 1 + change, 30)]) * noise
    found = steadiness(times)
    assert found.steady is False
    assert found.change == pytest.approx(change, abs=0.03)


def test_what_the_first_half_did_is_past() -> None:
    times = np.concatenate([np.geomspace(50, 1, 30), 1 + 0.01 * np.random.default_rng(2).normal(size=30)])
    assert steadiness(times).steady is True


def test_a_clear_trend_too_small_to_matter_is_steady() -> None:
    found = steadiness(np.geomspace(1, 1.02, 100))
    assert found.steady is True
    assert found.significance == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("where", [31, 45, 59])
def test_a_single_stall_is_no_trend(where: int) -> None:
    times = 1 + 0.01 * np.random.default_rng(3).normal(size=60)
    times[where] = 1_000
    assert steadiness(times).steady is True


def test_noise_alone_is_called_a_trend_in_one_of_a_hundred() -> None:
    rng = np.random.default_rng(4)
    called = [steadiness(np.exp(0.05 * rng.standard_t(3, 40))).steady is False for _ in range(1_500)]
    assert np.mean(called) <= 0.02


def test_thousands_of_calls_are_judged_in_little_time() -> None:
    rng = np.random.default_rng(5)
    times = np.exp(0.05 * rng.normal(size=200_000))
    assert steadiness(times).steady is True
    assert steadiness(times * np.geomspace(1, 1.2, len(times))).steady is False


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11])
def test_too_few_values_are_not_judged(count: int) -> None:
    found = steadiness(np.ones(count))
    assert found.values == count - count // 2
    assert (found.steady is None) == (found.change is None) == (found.significance is None) == (found.values < 6)


@pytest.mark.parametrize("times", [[0.0] * 20, [float("nan")] * 20, [-1.0] * 20])
def test_what_is_no_time_is_refused(times: list[float]) -> None:
    with pytest.raises(MeasurementError):
        steadiness(times)


def processes(count: int, samples: int, slope: float, noise: float, seed: int = 0) -> list[list[list[float]]]:
    """Times of `count` processes at levels of their own, in one stretch each."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(0, 0.1, (count, 1)) + slope * np.arange(samples) + rng.normal(0, noise, (count, samples))
    return [[row] for row in np.exp(logs).tolist()]


@pytest.mark.parametrize(("slope", "direction"), [(0.03, "slower"), (-0.03, "faster")])
def test_samples_that_drift_in_every_process_are_seen(slope: float, direction: str) -> None:
    found = drift(processes(6, 8, slope, 0.01))
    assert found is not None
    assert (found.steady, found.direction) == (False, direction)
    assert found.change == pytest.approx(np.expm1(7 * slope), abs=0.03)


def test_a_drift_of_less_than_the_band_is_none() -> None:
    found = drift(processes(6, 8, 0.001, 0.0001))
    assert found is not None
    assert found.steady


def test_one_process_that_drifts_says_nothing_of_the_others() -> None:
    found = drift([*processes(5, 8, 0.0, 0.01), *processes(1, 8, 0.05, 0.01)])
    assert found is not None
    assert found.steady


def test_noise_is_called_a_drift_in_one_of_a_hundred() -> None:
    called = [drift(processes(6, 8, 0.0, 0.05, seed)) for seed in range(1_000)]
    assert sum(found is not None and not found.steady for found in called) <= 20


def test_stretches_of_one_process_are_judged_each_by_itself() -> None:
    """A baseline's process that stays for several candidates sleeps in between: what changes there is no drift."""
    stepped = [[[level, level * 1.001] for level in (1.0, 1.3, 1.6)] for _ in range(3)]
    found = drift(stepped)
    assert found is not None
    assert found.steady


@pytest.mark.parametrize("times", [[], [[[1.0, 2.0]]], [[[1.0]], [[1.0]], [[2.0]]]])
def test_too_little_to_say(times: list[list[list[float]]]) -> None:
    assert drift(times) is None
