"""The standing queue: what empties keeps up whatever its rhythm, what grows is found, too little says nothing."""

import numpy as np
import pytest

from harness.statistics.backlog import LEAST_SPANS, PERIODS_A_SPAN, SPANS, enough_s, judge_backlog

RATE = 1e6


def sawtooth(seconds: float, period_s: float, phase: float, behind: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The smallest backlogs of a batcher between 200 moments; of what comes, it leaves the share `behind`."""
    time_s = np.linspace(0, seconds, 201)[1:]
    since_s = (time_s + phase * period_s) % period_s
    emptied = since_s < seconds / 200  # since the moment before
    return time_s, np.where(emptied, 0.0, RATE * since_s) + behind * RATE * (time_s - since_s)


@pytest.mark.parametrize("phase", np.linspace(0, 1, 9, endpoint=False))
@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0, 5.0])
@pytest.mark.parametrize("share", [0.01, 0.03, 0.049, 0.051, 0.08, 0.0999])
def test_what_empties_keeps_up_at_any_period_of_which_ten_fit(seconds: float, share: float, phase: float) -> None:
    period_s = share * seconds
    found = judge_backlog(*sawtooth(seconds, period_s, phase), period_s)
    assert found is not None
    assert found.holds(RATE)


@pytest.mark.parametrize("phase", np.linspace(0, 1, 9, endpoint=False))
@pytest.mark.parametrize("share", [0.01, 0.049, 0.08, 0.0999])
def test_what_falls_behind_by_2_percent_does_not(share: float, phase: float) -> None:
    found = judge_backlog(*sawtooth(3.0, 3.0 * share, phase, behind=0.02), 3.0 * share)
    assert found is not None
    assert not found.holds(RATE)
    assert found.slope_per_s == pytest.approx(0.02 * RATE, rel=0.2)


@pytest.mark.parametrize("behind", [0.0, 0.02, 1.0])
def test_fewer_than_ten_periods_say_nothing(behind: float) -> None:
    period_s = 1.001 / (LEAST_SPANS * PERIODS_A_SPAN)
    assert judge_backlog(*sawtooth(1.0, period_s, 0.5, behind), period_s) is None
    assert judge_backlog(*sawtooth(enough_s(period_s), period_s, 0.5, behind), period_s) is not None


def test_too_few_moments_say_nothing() -> None:
    time_s = np.linspace(0, 1.0, LEAST_SPANS)[1:]
    assert judge_backlog(time_s, np.zeros(len(time_s)), 0.0) is None
    assert judge_backlog(np.empty(0), np.empty(0), 0.0) is None


def test_a_queue_that_is_never_empty_but_stands_still_keeps_up() -> None:
    rng = np.random.default_rng(1)
    time_s = np.linspace(0, 3.0, 201)[1:]
    found = judge_backlog(time_s, 20_000 + 1_000 * rng.random(200), 0.01)
    assert found is not None
    assert found.holds(RATE)
    assert found.final == pytest.approx(20_000, rel=0.01)
    assert SPANS == 10
