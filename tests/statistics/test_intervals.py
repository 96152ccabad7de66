"""Intervals against published examples, SciPy and simulation."""

import itertools

import numpy as np
import pytest
from scipy import stats

from harness.errors import MeasurementError
from harness.statistics import bootstrap_interval, corrected_confidence, median_interval, t_interval
from harness.statistics.intervals import _resampled_means, t_quantile

# Cushny and Peebles' additional hours of sleep, the example of Student's paper of 1908.
SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]


def test_the_example_of_student() -> None:
    interval = t_interval(SLEEP, 0.95)
    assert (interval.estimate, interval.low, interval.high) == pytest.approx((1.58, 0.7001142, 2.4598858), abs=1e-7)


@pytest.mark.parametrize("count", [2, 6, 40])
@pytest.mark.parametrize("confidence", [0.9, 0.99, 0.9995])
def test_the_interval_of_the_mean_is_that_of_scipy(count: int, confidence: float) -> None:
    values = np.random.default_rng(count).normal(3, 2, count)
    expected = stats.t.interval(confidence, count - 1, values.mean(), stats.sem(values))
    interval = t_interval(values, confidence)
    assert (interval.low, interval.high) == pytest.approx(expected)


def test_the_bootstrap_is_the_percentile_interval_of_scipy_at_the_expanded_level() -> None:
    values = np.random.default_rng(1).standard_t(4, 15)
    level = stats.norm.cdf(-np.sqrt(15 / 14) * stats.t.ppf(0.995, 14))
    found = bootstrap_interval(values, 0.99)
    expected = stats.bootstrap(
        (values,), np.mean, confidence_level=1 - 2 * level, method="percentile", n_resamples=200_000, rng=2
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.03 * found.half_width)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_the_means_of_all_resamples_are_those_that_enumeration_finds(count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    every = np.array([np.mean(chosen) for chosen in itertools.product(values, repeat=count)])
    means, share = _resampled_means(values)
    assert share.sum() == pytest.approx(1)
    assert share @ means == pytest.approx(values.mean())
    assert share @ means**2 == pytest.approx(np.mean(every**2), rel=1e-5)
    between = np.convolve(np.unique(every.round(9)), [0.5, 0.5], "valid")
    for edge in between[:: max(1, len(between) // 50)]:
        assert share[means < edge].sum() == pytest.approx((every < edge).mean(), abs=0.02)


def test_the_bootstrap_of_six_values_at_99_percent_reaches_to_the_outermost_of_them() -> None:
    interval = bootstrap_interval([1.0, 2.0, 3.0, 4.0, 5.0, 9.0], 0.99)
    assert (interval.low, interval.high) == (1.0, 9.0)


def test_the_bootstrap_knows_equal_values() -> None:
    interval = bootstrap_interval([0.1] * 6)
    assert (interval.low, interval.high) == (0.1, 0.1)


@pytest.mark.parametrize("count", [1_000, 50_000])
def test_of_many_values_the_bootstrap_is_the_interval_of_student(count: int) -> None:
    values = np.random.default_rng(0).normal(size=count)
    interval, expected = bootstrap_interval(values, 0.99), t_interval(values, 0.99)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=0.2 * expected.half_width)


@pytest.mark.parametrize(("count", "miss_at_most"), [(6, 0.06), (10, 0.03), (20, 0.02)])
def test_how_often_the_bootstrap_misses_the_mean_of_normal_values(count: int, miss_at_most: float) -> None:
    rng = np.random.default_rng(count)
    intervals = [bootstrap_interval(rng.normal(size=count), 0.99) for _ in range(500)]
    missed = np.mean([not interval.low <= 0 <= interval.high for interval in intervals])
    assert missed <= miss_at_most


# Coverage of the median by the order statistics r and n + 1 - r, from tables of the binomial distribution.
@pytest.mark.parametrize(
    ("count", "confidence", "ranks", "attained"),
    [
        (6, 0.95, (1, 6), 0.96875),
        (10, 0.95, (2, 9), 0.978516),
        (15, 0.95, (4, 12), 0.964844),
        (20, 0.95, (6, 15), 0.958611),
        (20, 0.99, (4, 17), 0.997423),
    ],
)
def test_the_order_statistics_around_the_median(
    count: int, confidence: float, ranks: tuple[float, float], attained: float
) -> None:
    interval = median_interval(np.random.default_rng(0).permutation(count) + 1.0, confidence)
    assert (interval.low, interval.high) == ranks
    assert interval.confidence == pytest.approx(attained, abs=1e-6)


@pytest.mark.parametrize(("count", "attained"), [(1, 0.0), (2, 0.5), (3, 0.75), (5, 0.9375)])
def test_too_few_values_give_their_range_and_say_what_it_is_worth(count: int, attained: float) -> None:
    interval = median_interval(np.arange(count, dtype=float), 0.95)
    assert (interval.low, interval.high) == (0, count - 1)
    assert interval.confidence == pytest.approx(attained)


def test_the_interval_of_the_median_holds_what_it_claims_for_skewed_values() -> None:
    rng = np.random.default_rng(7)
    intervals = [median_interval(rng.lognormal(size=11), 0.95) for _ in range(2_000)]
    held = np.mean([interval.low <= 1.0 <= interval.high for interval in intervals])
    assert held == pytest.approx(intervals[0].confidence, abs=0.015)


@pytest.mark.parametrize("candidates", [1, 3, 20])
def test_all_intervals_of_a_run_hold_together(candidates: int) -> None:
    rng = np.random.default_rng(candidates)
    confidence = corrected_confidence(candidates)
    assert confidence == pytest.approx(1 - 0.01 / candidates)
    values = rng.normal(size=(4_000, candidates, 8))
    reach = t_quantile(0.5 + confidence / 2, 7) * values.std(axis=2, ddof=1) / np.sqrt(8)
    missed = (np.abs(values.mean(axis=2)) > reach).any(axis=1).mean()
    assert missed <= 0.0155  # 1% and three and a half standard errors


@pytest.mark.parametrize("values", [[], [1.0], [1.0, float("nan")], [[1.0, 2.0]]])
def test_what_has_no_interval_is_refused(values: object) -> None:
    for interval in (t_interval, bootstrap_interval):
        with pytest.raises(MeasurementError):
            interval(np.array(values))


def test_no_comparison_has_no_confidence() -> None:
    with pytest.raises(MeasurementError):
        corrected_confidence(0)
