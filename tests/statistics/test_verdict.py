"""The verdict: where the interval lies, what may veto it, and what could have been seen."""

import math

import numpy as np
import pytest

from harness.errors import MeasurementError
from harness.statistics import BAND, Interval, Verdict, judge, smallest_detectable
from harness.statistics.verdict import place

SPREAD = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (BAND + 1e-9, 0.5, Verdict.SLOWER),
        (BAND, 0.5, Verdict.INCONCLUSIVE),
        (-0.5, -BAND - 1e-9, Verdict.FASTER),
        (-0.5, -BAND, Verdict.INCONCLUSIVE),
        (-BAND, BAND, Verdict.SAME),
        (0.001, 0.002, Verdict.SAME),
        (0.0, BAND + 1e-9, Verdict.INCONCLUSIVE),
        (-0.5, 0.5, Verdict.INCONCLUSIVE),
        (math.nan, math.nan, Verdict.INCONCLUSIVE),
    ],
)
def test_where_an_interval_lies(low: float, high: float, expected: Verdict) -> None:
    assert place(Interval((low + high) / 2, low, high, 0.99)) is expected


@pytest.mark.parametrize(
    ("effect", "noise", "expected"),
    [
        (0.05, 0.01, Verdict.SLOWER),
        (-0.05, 0.01, Verdict.FASTER),
        (0.0, 0.001, Verdict.SAME),
        (0.05, 0.05, Verdict.INCONCLUSIVE),
        (0.0, 0.05, Verdict.INCONCLUSIVE),
    ],
)
def test_six_pairs_and_their_verdict(effect: float, noise: float, expected: Verdict) -> None:
    judgement = judge((effect + noise * SPREAD).tolist())
    assert judgement.verdict is expected
    assert judgement.interval is not None
    assert judgement.interval.estimate == pytest.approx(effect)
    assert judgement.detectable is not None
    assert judgement.detectable > 0.01
    assert "\n" not in judgement.reason


@pytest.mark.parametrize("pairs", range(6))
def test_fewer_than_six_pairs_give_no_verdict_however_clear(pairs: int) -> None:
    judgement = judge([1.0] * pairs)
    assert judgement.verdict is Verdict.NONE
    assert (judgement.interval is not None) == (pairs >= 2)
    assert (judgement.speed_up is not None) == (pairs >= 2)


def test_one_pair_in_six_that_contradicts_the_others_vetoes_their_verdict() -> None:
    """Student's interval lies outside the band, but the pairs do not agree, which only the bootstrap sees."""
    judgement = judge([0.10, 0.11, 0.10, 0.12, 0.11, 0.005])
    assert judgement.interval is not None
    assert place(judgement.interval) is Verdict.SLOWER
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "bootstrap" in judgement.reason
    assert judge([0.10, 0.11, 0.10, 0.12, 0.11, 0.10, 0.11, 0.10, 0.12, 0.11, 0.10, 0.0]).verdict is Verdict.SLOWER


def test_the_bootstrap_may_only_veto() -> None:
    rng = np.random.default_rng(3)
    for _ in range(150):
        judgement = judge(rng.normal(rng.choice([0.0, 0.02, -0.02]), 0.01, rng.integers(6, 12)).tolist())
        assert judgement.interval is not None
        assert judgement.bootstrap is not None
        assert judgement.verdict in {place(judgement.interval), Verdict.INCONCLUSIVE}
        if judgement.verdict is not Verdict.INCONCLUSIVE:
            assert place(judgement.bootstrap) is judgement.verdict


def test_swapping_the_two_swaps_the_verdict() -> None:
    effects = (0.04 + 0.005 * SPREAD).tolist()
    assert judge(effects).verdict is Verdict.SLOWER
    assert judge([-effect for effect in effects]).verdict is Verdict.FASTER


def test_more_candidates_ask_for_more() -> None:
    effects = (0.035 + 0.01 * SPREAD).tolist()
    one, many = judge(effects, candidates=1), judge(effects, candidates=50)
    assert one.interval is not None
    assert many.interval is not None
    assert one.detectable is not None
    assert many.detectable is not None
    assert one.verdict is Verdict.SLOWER
    assert many.verdict is Verdict.INCONCLUSIVE
    assert many.interval.half_width > one.interval.half_width
    assert many.detectable > one.detectable


@pytest.mark.parametrize("pairs", [6, 12, 30])
def test_the_smallest_detectable_slowdown_is_seen_four_times_in_five(pairs: int) -> None:
    deviation = 0.02
    true_effect = math.log1p(smallest_detectable(deviation, pairs))
    rng = np.random.default_rng(pairs)
    effects = rng.normal(true_effect, deviation, (3_000, pairs))
    from scipy.special import stdtrit

    reach = stdtrit(pairs - 1, 0.995) * effects.std(axis=1, ddof=1) / math.sqrt(pairs)
    seen = (effects.mean(axis=1) - reach > BAND).mean()
    assert seen == pytest.approx(0.8, abs=0.06)


def test_equal_effects_are_no_error() -> None:
    assert judge([0.0] * 6).verdict is Verdict.SAME
    assert judge([0.7] * 6).verdict is Verdict.SLOWER


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_an_effect_that_is_no_number_is_refused(wrong: float) -> None:
    with pytest.raises(MeasurementError):
        judge([0.0] * 6 + [wrong])
