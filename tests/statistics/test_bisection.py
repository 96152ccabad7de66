"""Bisection: what it finds, what it tries, and how it ends where nothing can be found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MeasurementError
from harness.statistics.bisection import Bracket, bisect


@given(
    edge=st.floats(2.0, 9e5),
    first=st.floats(2.0, 9e5),
    within=st.sampled_from([0.5, 0.05, 0.01]),
)
def test_the_edge_lies_within_a_bracket_of_tried_values(edge: float, first: float, within: float) -> None:
    tried: dict[float, bool] = {}

    def holds(value: float) -> bool:
        assert 1.0 <= value <= 1e6
        assert value not in tried, "nothing is tried twice"
        tried[value] = value <= edge
        return tried[value]

    found = bisect(holds, first, 1.0, 1e6, within)
    assert found.low is not None
    assert found.high is not None
    assert tried[found.low]
    assert not tried[found.high]
    assert found.low <= edge < found.high <= found.low * (1 + within)


def test_five_percent_take_four_values_in_a_first_bracket() -> None:
    tried: list[float] = []

    def holds(value: float) -> bool:
        tried.append(value)
        return value <= 70.0

    bisect(holds, 50.0, 1.0, 1e6)
    assert tried[:2] == [50.0, 100.0]
    assert len(tried) == 2 + 4


def test_nothing_and_everything() -> None:
    assert bisect(lambda _: False, 100.0, 10.0, 1e4) == Bracket(None, 10.0)
    assert bisect(lambda _: True, 100.0, 10.0, 1e4) == Bracket(1e4, None)
    assert bisect(lambda value: value <= 10.0, 10.0, 10.0, 10.0) == Bracket(10.0, None)


def test_what_cannot_be_said_ends_the_search() -> None:
    assert bisect(lambda _: None, 100.0, 10.0, 1e4) == Bracket(None, None)
    assert bisect(lambda value: True if value < 300 else None, 100.0, 10.0, 1e4) == Bracket(200.0, None)
    assert bisect(lambda value: None if value < 60 else False, 100.0, 10.0, 1e4) == Bracket(None, 100.0)


@pytest.mark.parametrize(("first", "least", "most"), [(5.0, 10.0, 100.0), (500.0, 10.0, 100.0), (1.0, 0.0, 2.0)])
def test_a_beginning_out_of_reach_is_refused(first: float, least: float, most: float) -> None:
    with pytest.raises(MeasurementError, match="bisection from"):
        bisect(lambda _: True, first, least, most)
