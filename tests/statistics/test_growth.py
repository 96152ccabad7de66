"""The growth that is chosen, the costs it predicts and the sizes at which two of them cross."""

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.errors import MeasurementError
from harness.statistics import Growth, crossovers, fit_growth, leaving, place_of
from harness.statistics.growth import CLASSES

SIZES = np.logspace(3, 6, 7)
NOISE = 0.03


def costs(growth: Growth, sizes: NDArray[np.float64], overhead_share: float = 0.0) -> NDArray[np.float64]:
    shape = growth.shape(sizes)
    return 5e-9 * (shape + overhead_share * float(growth.shape(np.array(3e4))))


@pytest.mark.parametrize("growth", CLASSES)
@pytest.mark.parametrize("overhead_share", [0.0, 1.0])
def test_the_true_growth_is_chosen_with_and_without_an_overhead(growth: Growth, overhead_share: float) -> None:
    rng = np.random.default_rng(1)
    chosen = [
        fit_growth(SIZES, costs(growth, SIZES, overhead_share) * np.exp(NOISE * rng.normal(size=7))).best.growth
        for _ in range(60)
    ]
    assert np.mean([found is growth for found in chosen]) >= 0.9


@pytest.mark.parametrize("growth", CLASSES)
def test_without_noise_the_curve_is_exact(growth: Growth) -> None:
    fit = fit_growth(SIZES, costs(growth, SIZES))
    assert fit.best.growth is growth
    assert fit.best.scale == pytest.approx(5e-9)
    assert fit.weights()[growth] == pytest.approx(1, abs=0.01)
    assert sum(fit.weights().values()) == pytest.approx(1)


def test_an_overhead_is_found_in_its_unit() -> None:
    fit = fit_growth(SIZES, 2e-5 + 5e-9 * SIZES)
    assert fit.best.growth is Growth.LINEAR
    assert fit.best.overhead == pytest.approx(2e-5, rel=1e-4)
    assert fit.best.scale == pytest.approx(5e-9, rel=1e-4)


def test_the_criterion_is_that_of_hurvich_and_tsai() -> None:
    """By hand for O(1): two fitted quantities, the level and the noise."""
    values = np.exp(np.array([0.1, -0.1, 0.2, -0.2, 0.0, 0.1]))
    constant = next(curve for curve in fit_growth(SIZES[:6], values).curves if curve.growth is Growth.CONSTANT)
    variance = np.log(values).var()
    assert constant.aicc == pytest.approx(6 * np.log(variance) + 2 * 2 + 2 * 2 * 3 / (6 - 2 - 1))


@pytest.mark.parametrize("growth", [Growth.LINEAR, Growth.LINEARITHMIC, Growth.LOG])
@pytest.mark.parametrize(("size", "extrapolated"), [(2e5, False), (1e8, True)])
def test_a_prediction_holds_the_next_measurement(growth: Growth, size: float, extrapolated: bool) -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(80):
        fit = fit_growth(SIZES, costs(growth, SIZES, 1.0) * np.exp(NOISE * rng.normal(size=7)))
        next_one = float(costs(growth, np.array(size), 1.0)) * np.exp(NOISE * rng.normal())
        prediction = fit.predict(size)
        assert prediction.extrapolated is extrapolated
        held.append(prediction.low <= next_one <= prediction.high)
    assert np.mean(held) >= 0.88


@pytest.mark.parametrize("sizes", [np.logspace(3, 6, 7), np.logspace(0, 4, 5), np.logspace(0, 5, 13)], ids=len)
@pytest.mark.parametrize("exponent", [0.9, 1.1, 1.25])
@pytest.mark.parametrize("times", [2, 10, 100])
def test_a_prediction_holds_what_grows_by_a_power_of_its_own(
    sizes: NDArray[np.float64], exponent: float, times: float
) -> None:
    """n^1.1 passes for n log n; a hundredfold beyond, its interval held the truth in 1 of 120."""
    rng = np.random.default_rng(7)
    held = []
    for _ in range(60):
        fit = fit_growth(sizes, sizes**exponent * np.exp(NOISE * rng.normal(size=len(sizes))))
        prediction = fit.predict(times * float(sizes[-1]))
        held.append(prediction.low <= (times * float(sizes[-1])) ** exponent * np.exp(NOISE * rng.normal()))
        held[-1] &= prediction.high >= (times * float(sizes[-1])) ** exponent
    assert np.mean(held) >= 0.85


def test_beyond_ten_times_what_was_measured_is_far() -> None:
    fit = fit_growth(SIZES, SIZES)
    assert [fit.is_far(size) for size in (99.0, 100.0, 1e4, 1e7, 1.1e7)] == [True, False, False, False, True]


def test_a_prediction_widens_where_two_growths_are_as_likely() -> None:
    near = np.linspace(1_000, 2_000, 6)
    rng = np.random.default_rng(3)
    fit = fit_growth(near, near * np.exp(0.2 * rng.normal(size=6)))
    assert len({curve.growth for curve in fit.supported}) > 1
    far = fit.predict(1e7)
    assert far.high / far.low > 100


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf")])
def test_no_prediction_for_a_size_that_is_none(size: float) -> None:
    with pytest.raises(MeasurementError):
        fit_growth(SIZES, SIZES).predict(size)


def test_four_sizes_are_too_few_to_choose() -> None:
    with pytest.raises(MeasurementError, match="at least 5"):
        fit_growth(SIZES[:4], SIZES[:4])


def test_the_crossover_lies_in_its_interval_as_often_as_it_claims() -> None:
    """A scan of every sensor, cost n, against a lookup of 300 and a little: they cross at 303."""
    rng = np.random.default_rng(4)
    sizes = np.logspace(1, 4, 8)
    held = []
    for _ in range(150):
        scan = fit_growth(sizes, sizes * np.exp(NOISE * rng.normal(size=8)))
        lookup = fit_growth(sizes, (300 + 0.01 * sizes) * np.exp(NOISE * rng.normal(size=8)))
        (found,) = (crossing for crossing in crossovers(scan, lookup) if not crossing.extrapolated)
        assert found.second_wins_above
        held.append(found.low is not None and found.high is not None and found.low <= 300 / 0.99 <= found.high)
    assert np.mean(held) >= 0.9


def test_exact_curves_cross_exactly_and_either_way_round() -> None:
    sizes = np.logspace(1, 4, 8)
    scan, lookup = fit_growth(sizes, sizes), fit_growth(sizes, np.full(8, 500.0))
    (found,) = crossovers(scan, lookup)
    (mirrored,) = crossovers(lookup, scan)
    assert found.size == pytest.approx(500, rel=1e-3)
    assert mirrored.size == pytest.approx(500, rel=1e-3)
    assert found.second_wins_above
    assert not mirrored.second_wins_above


def test_a_crossover_beyond_what_was_measured_is_marked() -> None:
    sizes = np.logspace(1, 3, 8)
    (found,) = crossovers(fit_growth(sizes, sizes), fit_growth(sizes, np.full(8, 20_000.0)))
    assert found.size == pytest.approx(20_000, rel=1e-3)
    assert found.extrapolated


def test_a_crossover_beyond_holds_for_whatever_growth_is_open() -> None:
    """n^1.1 passes for n log n, which another cost would meet elsewhere: the interval holds both."""
    rng = np.random.default_rng(9)
    held = []
    for _ in range(30):
        power = fit_growth(SIZES, SIZES**1.1 * np.exp(NOISE * rng.normal(size=7)))
        level = fit_growth(SIZES, 3e7**1.1 * np.exp(NOISE * rng.normal(size=7)))
        for found in crossovers(power, level):
            assert found.extrapolated
            held.append((found.low or 0) <= 3e7 <= (found.high or np.inf))
    assert len(held) >= 10
    assert np.mean(held) >= 0.9


def test_growths_that_could_be_others_do_not_cross_far_away() -> None:
    """The best curves of two costs that do not grow may cross where nothing was measured: by chance, so unreported."""
    rng = np.random.default_rng(6)
    fits = [fit_growth(SIZES, level * np.exp(NOISE * rng.normal(size=7))) for _ in range(60) for level in (1.0, 2.0)]
    found = [crossovers(one, other) for one, other in zip(fits[::2], fits[1::2], strict=True)]
    assert sum(map(bool, found)) <= 2


def test_an_uncertain_crossover_is_open_to_one_side_or_both() -> None:
    rng = np.random.default_rng(5)
    sizes = np.logspace(3, 4, 5)
    found = [
        crossing
        for _ in range(20)
        for crossing in crossovers(
            fit_growth(sizes, np.exp(0.3 * rng.normal(size=5))), fit_growth(sizes, np.exp(0.3 * rng.normal(size=5)))
        )
    ]
    assert any(crossing.low is None or crossing.high is None for crossing in found)


def test_curves_that_never_cross_have_no_crossover() -> None:
    assert crossovers(fit_growth(SIZES, SIZES), fit_growth(SIZES, 2 * SIZES)) == ()
    assert crossovers(fit_growth(SIZES, SIZES), fit_growth(SIZES, SIZES)) == ()


def test_the_cache_that_holds_a_working_set() -> None:
    caches = {"L1": 32_768, "L2": 2_097_152, "L3": 33_554_432}
    assert [place_of(size, caches) for size in (0, 32_768, 32_769, 1e7, 1e9)] == ["L1", "L1", "L2", "L3", "memory"]
    assert place_of(1, {}) == "memory"
    assert leaving([1_000, 20_000, 100_000, 1e9], caches) == (False, False, True, True)
    assert leaving([], caches) == ()
