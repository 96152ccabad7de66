"""Rounds: what slowed all down at once is found, whatever was measured, and told apart from what differs."""

import numpy as np
import pytest

from harness.statistics.rounds import round_effects


def test_what_slows_all_down_at_once_is_found() -> None:
    rng = np.random.default_rng(5)
    planted = np.array([0.0, 0.6, -0.1, 0.7, -0.2])
    own = rng.uniform(-20, 0, 6)
    costs = np.exp(own[:, np.newaxis] + planted + rng.normal(0, 0.01, (6, 5)))
    found = round_effects(costs.tolist())
    assert found == pytest.approx(planted - planted.mean(), abs=0.03)
    assert found.mean() == pytest.approx(0.0, abs=1e-12)


def test_what_ended_early_says_nothing() -> None:
    assert np.exp(round_effects([[1.0, 2.0, 4.0], [3.0, 300.0], []])) == pytest.approx([0.5, 1.0, 2.0])


def test_no_rounds_have_no_effects() -> None:
    assert round_effects([]).shape == (0,)
    assert round_effects([[], []]).shape == (0,)
