"""Stopping: on width, within its bounds, blind to the verdict."""

import math

import numpy as np
import pytest

from harness.errors import MeasurementError
from harness.statistics import Stopping, t_interval

QUIET = [0.001, -0.001] * 20
LOUD = [0.5, -0.5] * 20


def pairs_taken(stopping: Stopping, effects: list[float]) -> int:
    return next(count for count in range(len(effects) + 1) if stopping.done(effects[:count]))


def test_quiet_pairs_stop_at_the_least_and_loud_ones_at_the_most() -> None:
    stopping = Stopping(width=0.05, most=20)
    assert pairs_taken(stopping, QUIET) == 6
    assert pairs_taken(stopping, LOUD) == 20


def test_the_quick_level_takes_its_number_whatever_they_say() -> None:
    stopping = Stopping(width=0.05, least=3, most=3)
    assert pairs_taken(stopping, QUIET) == pairs_taken(stopping, LOUD) == 3


def test_it_stops_as_soon_as_the_interval_is_as_narrow_as_asked_for() -> None:
    effects = np.random.default_rng(3).normal(0, 0.06, 40).tolist()
    taken = pairs_taken(Stopping(width=0.05, most=40), effects)
    assert 6 < taken < 40
    assert t_interval(effects[:taken], 0.99).half_width <= math.log1p(0.05)
    assert t_interval(effects[: taken - 1], 0.99).half_width > math.log1p(0.05)


def test_it_does_not_look_at_the_verdict() -> None:
    effects = np.random.default_rng(1).normal(0, 0.05, 40)
    stopping = Stopping(width=0.05, most=40)
    assert len({pairs_taken(stopping, (effects + shift).tolist()) for shift in (-0.5, 0.0, 0.01, 0.5)}) == 1


def test_more_candidates_take_more_pairs() -> None:
    effects = np.random.default_rng(2).normal(0, 0.05, 60).tolist()
    few, many = (pairs_taken(Stopping(0.05, 60, candidates=count), effects) for count in (1, 50))
    assert few < many


def test_the_expected_number_of_pairs_comes_true_on_average() -> None:
    rng = np.random.default_rng(4)
    stopping = Stopping(width=0.05, most=40)
    rows = rng.normal(0, 0.05, (200, 40)).tolist()
    expected = np.mean([stopping.expected_pairs(row[:6]) for row in rows])
    taken = np.mean([pairs_taken(stopping, row) for row in rows])
    assert expected == pytest.approx(taken, rel=0.2)
    assert stopping.expected_pairs([]) == 6
    assert stopping.expected_pairs(LOUD[:8]) == 40


@pytest.mark.parametrize(
    ("width", "least", "most"), [(0.0, 6, 20), (-1.0, 6, 20), (math.nan, 6, 20), (0.05, 7, 6), (0.05, 0, 6)]
)
def test_what_cannot_stop_is_refused(width: float, least: int, most: int) -> None:
    with pytest.raises(MeasurementError):
        Stopping(width, most, least)
