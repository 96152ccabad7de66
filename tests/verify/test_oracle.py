"""The oracle against five readings worked out by hand, and against exact rationals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract import MAX_VALUE, RECORD_DTYPE, Readings, Sensors
from harness.oracle import Oracle, group, two_sum

SENSORS = Sensors(np.array([30, 10], np.uint32), np.array([2, 0.5], np.float32), np.array([1, -1], np.float32))


def _readings(*rows: tuple[int, float]) -> Readings:
    return Readings.of_records(np.array([(sensor, value, 0) for sensor, value in rows], RECORD_DTYPE))


def test_five_readings_by_hand() -> None:
    readings = _readings((30, 3.0), (10, 4.0), (20, 1.0), (30, np.nan), (30, -0.5))
    oracle = Oracle(SENSORS)
    answer = oracle.answer(readings)
    assert answer.row.tolist() == [0, 1, -1, 0, 0]
    assert answer.accepted.tolist() == [True, True, False, False, True]
    assert answer.high.tolist() == [7.0, 1.0, 0.0, 0.0, 0.0]
    assert answer.low.tolist() == [0.0] * 5
    assert (answer.unmatched, answer.invalid) == (1, 1)
    assert oracle.counts(answer).tolist() == [2, 1]
    found = group(answer, np.array([7, 1, np.nan, np.nan, 0], np.float32))
    assert found.row.tolist() == [0, 1]
    assert (found.minimum().tolist(), found.maximum().tolist(), found.last().tolist()) == ([0, 1], [7, 1], [0, 1])
    assert found.sums().tolist() == [7.0, 1.0]


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (MAX_VALUE, True),
        (-MAX_VALUE, True),
        (float(np.nextafter(np.float32(MAX_VALUE), np.float32(np.inf))), False),
        (np.inf, False),
        (-np.inf, False),
        (np.nan, False),
        (-0.0, True),
        (1e-45, True),
    ],
)
def test_which_values_count(value: float, accepted: bool) -> None:
    answer = Oracle(SENSORS).answer(_readings((10, value)))
    assert answer.accepted.tolist() == [accepted]
    assert (answer.unmatched, answer.invalid) == (0, int(not accepted))


def test_unmatched_comes_before_invalid() -> None:
    answer = Oracle(SENSORS).answer(_readings((20, np.nan)))
    assert (answer.unmatched, answer.invalid) == (1, 0)


def test_empty_table_and_no_readings() -> None:
    empty = Oracle(Sensors.empty())
    assert empty.answer(_readings((1, 1.0))).unmatched == 1
    assert empty.counts(empty.answer(_readings((1, 1.0)))).tolist() == []
    assert len(Oracle(SENSORS).answer(Readings.empty())) == 0
    assert len(group(Oracle(SENSORS).answer(Readings.empty()), np.empty(0, np.float32))) == 0


def test_newest_accepted() -> None:
    readings = _readings((30, 1.0), (20, 1.0), (10, np.nan), (30, 2.0), (10, 3.0), (20, 4.0))
    oracle = Oracle(SENSORS)
    assert oracle.newest_accepted(readings, 2).tolist() == [3, 4]
    assert oracle.newest_accepted(readings, 9).tolist() == [0, 3, 4]
    assert oracle.newest_accepted(readings, 0).tolist() == []


def test_newest_accepted_beyond_one_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.oracle._CHUNK", 4)
    readings = _readings(*[(30 if index % 3 else 20, float(index)) for index in range(50)])
    accepted = [index for index in range(50) if index % 3]
    for retain in (1, 5, 17, 33, 40):
        assert Oracle(SENSORS).newest_accepted(readings, retain).tolist() == accepted[-retain:]


calibrations = st.floats(-(2.0**60), 2.0**60, width=32)
values = st.floats(-(2.0**64), 2.0**64, width=32)


@given(value=values, gain=calibrations, offset=calibrations)
def test_calibration_is_exact(value: float, gain: float, offset: float) -> None:
    sensors = Sensors(np.array([1], np.uint32), np.array([gain], np.float32), np.array([offset], np.float32))
    answer = Oracle(sensors).answer(_readings((1, value)))
    exact = Fraction(value) * Fraction(gain) + Fraction(offset)
    assert Fraction(float(answer.high[0])) + Fraction(float(answer.low[0])) == exact
    assert Fraction(float(answer.product[0])) == Fraction(value) * Fraction(gain)


@given(st.floats(-1e150, 1e150), st.floats(-1e150, 1e150))
def test_two_sum_loses_nothing(left: float, right: float) -> None:
    total, rest = two_sum(np.array([left]), np.array([right]))
    assert Fraction(float(total[0])) + Fraction(float(rest[0])) == Fraction(left) + Fraction(right)


@given(st.lists(st.tuples(st.sampled_from([30, 10, 20]), values), max_size=30))
def test_groups_against_plain_python(rows: list[tuple[int, float]]) -> None:
    answer = Oracle(SENSORS).answer(_readings(*rows))
    handed = np.array([value for _, value in rows], np.float32)
    found = group(answer, handed)
    expected: dict[int, list[float]] = {}
    for sensor, value in rows:
        if sensor != 20:
            expected.setdefault({30: 0, 10: 1}[sensor], []).append(value)
    assert found.row.tolist() == sorted(expected)
    for index, row in enumerate(found.row.tolist()):
        assert found.of(index).tolist() == expected[row]
        assert found.minimum()[index] == min(expected[row])
        assert found.maximum()[index] == max(expected[row])
        assert found.last()[index] == expected[row][-1]
        exact = sum(map(Fraction, expected[row]))
        assert found.sums()[index] == float(exact)
        assert found.sum_errors(np.ones(len(found)))[index] == float(exact - 1)
