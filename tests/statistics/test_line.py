"""The line: exact on exact points, its interval where SciPy has it, covers the truth about as often as it says."""

import numpy as np
import pytest

from harness.errors import MeasurementError
from harness.statistics.line import line


def test_exact_points_give_the_exact_line() -> None:
    found = line([1.0, 2.0, 10.0, 50.0], [7.0, 9.0, 25.0, 105.0])
    assert found.slope.estimate == pytest.approx(2.0)
    assert found.at_zero == pytest.approx(5.0)
    assert found.slope.half_width == pytest.approx(0, abs=1e-9)


def test_the_interval_is_never_narrower_than_the_classical_one() -> None:
    from scipy.stats import linregress, t

    rng = np.random.default_rng(3)
    x = np.array([1e5, 2e5, 5e5, 1e6, 1e7])
    for _ in range(20):
        y = 16 * x + 4e5 + rng.normal(0, 1e5, x.size)
        theirs, ours = linregress(x, y), line(x, y)
        assert ours.slope.estimate == pytest.approx(theirs.slope)
        assert ours.at_zero == pytest.approx(theirs.intercept)
        assert ours.slope.half_width >= t.ppf(0.975, 3) * theirs.stderr * (1 - 1e-9)


def test_the_interval_covers() -> None:
    rng = np.random.default_rng(4)
    x = np.array([1e5, 2e5, 5e5, 1e6, 2e6, 5e6])
    fits = (line(x, 8 * x + 1e6 + rng.normal(0, 2e5, x.size)).slope for _ in range(400))
    assert sum(fit.low <= 8 <= fit.high for fit in fits) >= 372


@pytest.mark.parametrize(("sizes", "costs"), [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 2, 3, 4])])
def test_too_little_is_refused(sizes: list[int], costs: list[int]) -> None:
    with pytest.raises(MeasurementError):
        line(sizes, costs)
