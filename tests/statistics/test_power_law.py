"""The exponent and its interval, against NIST's reference data and by simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from harness.errors import MeasurementError
from harness.statistics import power_law

# NIST Statistical Reference Datasets, "Norris": y and x of a straight line; certified slope and standard error.
NORRIS = """
0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5 668.5 666.3 998.5 996.3 449.1 448.6 778.9 777.0
559.2 558.2 0.3 0.4 0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6 557.7 556.0 228.3 228.1
998.0 995.8 888.8 887.6 119.6 120.2 0.3 0.3 0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0 778.9 779.0
10.2 11.1 117.6 118.3 228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5
"""
NORRIS_SLOPE = 1.00211681802045
NORRIS_ERROR = 0.429796848199937e-3


def test_the_certified_line_of_nist() -> None:
    y, x = np.array(NORRIS.split(), float).reshape(-1, 2).T
    x += 1e-9 * np.arange(len(x))  # one x is repeated, and repetitions are averaged first
    fit = power_law(np.exp(x / 1000), np.exp(y / 1000))
    assert fit.estimate == pytest.approx(NORRIS_SLOPE, abs=1e-9)
    error = (fit.high - fit.estimate) / stats.t.ppf(0.975, 34)
    assert NORRIS_ERROR <= error <= 1.3 * NORRIS_ERROR  # HC3 is the larger one here


def test_the_standard_error_is_the_larger_of_the_classical_and_hc3() -> None:
    rng = np.random.default_rng(0)
    for spread in (np.full(9, 0.05), np.linspace(0.001, 0.2, 9), np.array([0.2] + [0.001] * 7 + [0.2])):
        sizes = np.logspace(2, 6, 9)
        costs = sizes * np.exp(spread * rng.normal(size=9))
        x, y = np.log(sizes), np.log(costs)
        design = np.stack([np.ones(9), x], axis=1)
        inverse = np.linalg.inv(design.T @ design)
        residual = y - design @ inverse @ design.T @ y
        leverage = np.diag(design @ inverse @ design.T)
        sandwich = inverse @ design.T @ np.diag((residual / (1 - leverage)) ** 2) @ design @ inverse
        expected = max(stats.linregress(x, y).stderr, np.sqrt(sandwich[1, 1]))
        fit = power_law(sizes, costs)
        assert fit.half_width == pytest.approx(stats.t.ppf(0.975, 7) * expected)


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0, -1.0])
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_an_exact_power_is_found_in_any_unit(exponent: float, unit: float) -> None:
    sizes = np.logspace(1, 7, 6)
    fit = power_law(sizes, unit * sizes**exponent)
    assert fit.estimate == pytest.approx(exponent, abs=1e-9)
    assert fit.half_width < 1e-9


@pytest.mark.parametrize("spread", [np.full(6, 0.03), np.linspace(0.1, 0.01, 6), np.linspace(0.01, 0.1, 6)])
@pytest.mark.parametrize("replicates", [1, 4])
def test_the_interval_holds_the_exponent_as_often_as_it_claims(spread: NDArray[np.float64], replicates: int) -> None:
    rng = np.random.default_rng(1)
    sizes = np.tile(np.logspace(3, 7, 6), replicates)
    noise = np.tile(spread, replicates)
    fits = [power_law(sizes, sizes**1.1 * np.exp(noise * rng.normal(size=sizes.size))) for _ in range(400)]
    assert np.mean([fit.low <= 1.1 <= fit.high for fit in fits]) >= 0.93
    assert np.median([fit.half_width for fit in fits]) < 0.05


def test_repetitions_do_not_hide_that_the_sizes_leave_the_line() -> None:
    """A bump that every repetition shows is no noise that repetitions average away."""
    sizes = np.logspace(3, 6, 6)
    bent = sizes * np.array([1.0, 1.0, 1.3, 1.0, 1.0, 1.3])
    once = power_law(sizes, bent)
    often = power_law(np.tile(sizes, 50), np.tile(bent, 50))
    assert often.half_width == pytest.approx(once.half_width)


@pytest.mark.parametrize(
    ("sizes", "costs"),
    [
        ([1, 2], [1, 2]),
        ([1, 1, 2, 2], [1, 1, 2, 2]),
        ([1, 2, 3], [1, 2]),
        ([0, 1, 2], [1, 2, 3]),
        ([1, 2, 3], [1, 0, 3]),
        ([1, 2, 3], [1, float("nan"), 3]),
        ([1, 2, float("inf")], [1, 2, 3]),
    ],
)
def test_what_has_no_exponent_is_refused_in_one_line(sizes: list[float], costs: list[float]) -> None:
    with pytest.raises(MeasurementError) as error:
        power_law(sizes, costs)
    assert "\n" not in str(error.value)
