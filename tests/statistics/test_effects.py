"""The effect of a block and of a pair."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MeasurementError
from harness.statistics import Block, Interval, SpeedUp, block_effects, count_outliers, pair_effect

TIMES = st.floats(1e-3, 1e9)
FOUR = st.tuples(TIMES, TIMES, TIMES, TIMES)


@given(times=FOUR)
def test_the_orders_are_mirror_images(times: tuple[float, float, float, float]) -> None:
    assert Block("ABBA", times).effect == pytest.approx(-Block("BAAB", times).effect, abs=1e-12)


@given(times=FOUR, drift=st.floats(-0.5, 0.5))
def test_a_linear_drift_of_the_logarithms_cancels(times: tuple[float, float, float, float], drift: float) -> None:
    one, two, three, four = (time * math.exp(drift * place) for place, time in enumerate(times))
    assert Block("ABBA", (one, two, three, four)).effect == pytest.approx(Block("ABBA", times).effect, abs=1e-9)


def test_a_slowdown_by_half_is_its_logarithm() -> None:
    assert Block("BAAB", (15.0, 10.0, 10.0, 15.0)).effect == pytest.approx(math.log(1.5))


def test_the_pair_is_the_median_of_its_blocks_whatever_one_stall_does() -> None:
    blocks = [Block("ABBA", (100.0, 105.0, 105.0, 100.0))] * 4 + [Block("BAAB", (1e6, 100.0, 100.0, 105.0))]
    assert pair_effect(blocks) == pytest.approx(math.log(1.05))


def test_many_blocks_at_once_are_the_same_as_one_by_one() -> None:
    times = np.random.default_rng(0).uniform(1, 2, (7, 4))
    apart = [Block("ABBA", tuple(row)).effect for row in times.tolist()]
    np.testing.assert_allclose(block_effects(times[:, [0, 3]], times[:, [1, 2]]), apart)


@pytest.mark.parametrize("time", [0.0, -1.0, math.nan, math.inf])
def test_a_sample_without_a_time_is_refused(time: float) -> None:
    with pytest.raises(MeasurementError, match="candidate"):
        _ = Block("ABBA", (1.0, time, 1.0, 1.0)).effect


def test_a_pair_without_a_block_is_refused() -> None:
    with pytest.raises(MeasurementError):
        pair_effect([])


def test_outliers_are_those_beyond_the_fences_of_tukey() -> None:
    assert count_outliers([*range(1, 10), 100]) == 1
    assert count_outliers([-100, *range(1, 20), 100]) == 2
    assert count_outliers([1, 2, 1000]) == 0


def test_a_speed_up_turns_the_interval_round() -> None:
    speed_up = SpeedUp.of(Interval(math.log(0.5), math.log(0.4), math.log(0.8), 0.99))
    assert (speed_up.ratio, speed_up.low, speed_up.high) == pytest.approx((2.0, 1.25, 2.5))
