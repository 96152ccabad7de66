"""The exponent of what grows beside something fixed, and the growth printed with it: no row contradicts itself."""

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.errors import MeasurementError
from harness.statistics import Growth
from harness.statistics.power_law import power_law
from harness.statistics.rising import Rise, rise

DECADES = np.array([1.0, 10.0, 100.0, 1_000.0, 10_000.0])
SIX = np.geomspace(100, 30_000, 6)
SEVEN = np.array([100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0])


def noisy(costs: NDArray[np.float64], rng: np.random.Generator, noise: float = 0.03) -> NDArray[np.float64]:
    return np.asarray(costs * np.exp(noise * rng.normal(size=len(costs))))


def agrees(found: Rise, sizes: NDArray[np.float64]) -> bool:
    """Whether the growth printed beside an exponent has one that lies in its interval."""
    best = found.fit.best
    if bool(best.overhead) is not bool(found.overhead):
        return False
    if found.is_apart or not best.overhead:
        fixed = {Growth.CONSTANT: 0.0, Growth.LINEAR: 1.0, Growth.QUADRATIC: 2.0, Growth.POWER: best.exponent}
        own = fixed.get(best.growth, power_law(sizes, best.shape(sizes)).estimate)
        if best.growth in {Growth.LOG, Growth.LINEARITHMIC} and found.is_apart:
            ends = (
                power_law(sizes[:3], best.shape(sizes[:3])).estimate,
                power_law(sizes[-3:], best.shape(sizes[-3:])).estimate,
            )
            return min(ends) <= found.exponent.high and max(ends) >= found.exponent.low
        return found.exponent.low <= own <= found.exponent.high
    return found.overhead > 0  # of all the cost: what is fixed is printed beside it


@pytest.mark.parametrize("sizes", [DECADES, SIX, SEVEN], ids=len)
@pytest.mark.parametrize("fixed_at", [0.1, 1.0, 10.0])
def test_the_exponent_of_what_grows_is_covered_from_five_sizes_on(sizes: NDArray[np.float64], fixed_at: float) -> None:
    """Also with 5 and 6 sizes, where the plain exponent was printed in its place and held the true one never."""
    rng = np.random.default_rng(0)
    middle = float(np.exp(np.log(sizes).mean()))
    found = [rise(sizes, noisy(sizes + fixed_at * middle, rng, 0.01)) for _ in range(40)]
    apart = [one for one in found if one.is_apart]
    assert len(apart) >= 30
    assert np.mean([one.exponent.low <= 1.0 <= one.exponent.high for one in apart]) >= 0.9


def test_what_no_size_but_one_shows_is_an_exponent_over_the_range_beside_what_is_fixed() -> None:
    """A batch of 100 us and 5 ns a reading: 0.037 is the exponent of the whole, and nothing of what grows."""
    rng = np.random.default_rng(8)
    found_all = [rise(DECADES, noisy(100e-6 + 5e-9 * DECADES, rng, 0.02)) for _ in range(20)]
    over_the_range = [found for found in found_all if not found.is_apart]
    assert len(over_the_range) >= 12
    for found in over_the_range:
        assert found.overhead == pytest.approx(100e-6, rel=0.1) or found.fit.best.growth is Growth.CONSTANT
        assert found.exponent.high < 0.3


@pytest.mark.parametrize("sizes", [DECADES, SIX, SEVEN], ids=len)
@pytest.mark.parametrize(
    "exponent_and_fixed", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (1.0, 30.0), (1.1, 0.0), (1.3, 1.0), (0.5, 0.0)]
)
def test_no_row_contradicts_itself(sizes: NDArray[np.float64], exponent_and_fixed: tuple[float, float]) -> None:
    exponent, fixed = exponent_and_fixed
    rng = np.random.default_rng(1)
    middle = float(np.exp(np.log(sizes).mean()))
    for _ in range(6):
        found = rise(sizes, noisy(sizes**exponent + fixed * middle**exponent, rng))
        assert agrees(found, sizes), (found.exponent, found.overhead, found.fit.best.looks_like)


def test_a_power_that_is_no_class_is_called_what_it_is() -> None:
    found = rise(SEVEN, noisy(SEVEN**1.5, np.random.default_rng(2)))
    assert found.fit.best.looks_like == f"O(n^{found.exponent.estimate:.2f})"
    beside = rise(SEVEN, noisy(SEVEN**1.4 + 1e5, np.random.default_rng(3), 0.005))
    assert beside.is_apart
    assert beside.fit.best.growth is Growth.POWER
    assert beside.overhead == pytest.approx(1e5, rel=0.1)


def test_four_sizes_are_too_few() -> None:
    with pytest.raises(MeasurementError, match="at least 5"):
        rise(DECADES[:4], DECADES[:4])
