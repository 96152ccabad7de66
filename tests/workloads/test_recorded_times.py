"""Times are exact to the nanosecond, whatever they were written as."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.recordings.cells import CellError
from workloads.recordings.times import TimeColumn

LARGEST, SMALLEST = 2**63 - 1, -(2**63)


def read(column: Any) -> list[int]:
    times: list[int] = TimeColumn("time").nanoseconds(column).tolist()
    return times


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("2011-07-01 00:00:01", 1309478401_000000000),
        ("2011-07-01T00:00:01", 1309478401_000000000),
        ("2011-07-01T00:00:01Z", 1309478401_000000000),
        ("2011-07-01T02:00:01+02:00", 1309478401_000000000),
        ("2011-06-30 18:30:01-0530", 1309478401_000000000),
        ("2011-07-01 00:00:01.5", 1309478401_500000000),
        ("2011-07-01 00:00:01.123456789Z", 1309478401_123456789),
        ("2011-07-01 00:00:01,25", 1309478401_250000000),
        ("2011-07-01 00:00:01 UTC", 1309478401_000000000),
        (" 2011-07-01 00:00:01.000000001 GMT ", 1309478401_000000001),
        ("2011-07-01", 1309478400_000000000),
        ("2011-07-01T00:00", 1309478400_000000000),
        ("20110701T000001Z", 1309478401_000000000),
        ("1969-12-31T23:59:59.999999999", -1),
        ("1700-01-01", -8520336000_000000000),
    ],
)
def test_iso(text: str, expected_ns: int) -> None:
    assert read(pa.array([text])) == [expected_ns]
    # Beside another style, which takes the slow way.
    assert read(pa.array([text, "2000-01-01 00:00:00Z", "2000-01-01"]))[0] == expected_ns


@given(st.datetimes(datetime.datetime(1678, 1, 1), datetime.datetime(2262, 1, 1)), st.integers(0, 999))
def test_any_iso_time(moment: datetime.datetime, rest_ns: int) -> None:
    text = f"{moment.isoformat(timespec='microseconds')}{rest_ns:03d}"
    expected = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1) * 1000 + rest_ns
    assert read(pa.array([text])) == [expected]
    assert read(pa.array([text + "Z", "2000-01-01"]))[0] == expected


UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


@given(st.sampled_from(list(UNITS)), st.integers(10**18, LARGEST))
def test_epoch_text_of_every_unit(unit: str, time_ns: int) -> None:
    # From the year 2001 on the magnitude tells the unit, with every digit of the fraction kept.
    text = str(Decimal(time_ns) / UNITS[unit])
    assert read(pa.array([text])) == [time_ns]
    assert read(pa.array([text, text])) == [time_ns] * 2


@given(st.sampled_from(list(UNITS)), st.lists(st.integers(10**18, LARGEST), min_size=1))
def test_epoch_integers_of_every_unit(unit: str, given_ns: list[int]) -> None:
    whole = [time_ns // UNITS[unit] for time_ns in given_ns]
    assert read(pa.array(whole)) == [value * UNITS[unit] for value in whole]
    assert read(pa.array(list(map(str, whole)))) == [value * UNITS[unit] for value in whole]


@given(st.floats(1e9, 9e9))
def test_epoch_floats_lose_nothing_but_below_a_nanosecond(seconds: float) -> None:
    exact = Decimal(seconds) * 10**9
    assert abs(read(pa.array([seconds]))[0] - exact) <= Decimal("0.5000001")


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2261, 12, 31)))
def test_days_without_separators(moment: datetime.datetime) -> None:
    for form in ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S"):
        number = moment.strftime(form)
        since = datetime.datetime.strptime(number, form) - datetime.datetime(1970, 1, 1)
        expected = (since.days * 86_400 + since.seconds) * 10**9
        assert read(pa.array([number, f" {number} "])) == [expected] * 2
        assert read(pa.array([int(number)])) == [expected]


@pytest.mark.parametrize("number", [20240532, 20230229, 20241301, 20240500, 18991231, 22620101, 202405012400])
def test_numbers_that_are_no_days_are_epoch_numbers(number: int) -> None:
    factor = 10**9 if number < 10**11 else 10**6
    assert read(pa.array([number])) == read(pa.array([str(number)])) == [number * factor]
    assert read(pa.array([20240501, number])) == [20240501 * factor, number * factor]  # the whole block counts
    assert read(pa.array([str(20240501), str(number)])) == [20240501 * factor, number * factor]


@pytest.mark.parametrize("later", [pa.array(["20240532"]), pa.array([20240532]), pa.array(["1.5"])])
def test_days_stay_days(later: Any) -> None:
    column = TimeColumn("time")
    assert column.nanoseconds(pa.array(["20240501"])).tolist() == [1714521600_000000000]
    with pytest.raises(CellError, match="such as 20240501"):
        column.nanoseconds(later)


def test_the_unit_is_the_first_blocks() -> None:
    column = TimeColumn("time")
    assert column.nanoseconds(pa.array(["0", "0.5"])).tolist() == [0, 500_000_000]
    assert column.nanoseconds(pa.array(["9000000000"])).tolist() == [9 * 10**18]
    with pytest.raises(CellError, match="99999999999"):
        column.nanoseconds(pa.array(["1", "99999999999"]))


def test_tiny_numbers_are_zero() -> None:
    assert read(pa.array(["1309478401", "1e-9994800", "-4e-10", "0e999999"])) == [
        1309478401_000000000, 0, 0, 0,
    ]  # fmt: skip


def test_more_digits_than_nanoseconds_are_rounded() -> None:
    assert read(pa.array(["1309478401.1234567885", "1309478401.12345678851"])) == [
        1309478401_123456788,
        1309478401_123456789,
    ]


@pytest.mark.parametrize("extreme", [LARGEST, SMALLEST])
def test_the_ends_of_int64(extreme: int) -> None:
    assert read(pa.array([extreme])) == [extreme]
    assert read(pa.array([str(extreme)])) == [extreme]
    assert read(pa.array(np.array([extreme]), pa.int64())) == [extreme]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Seoul"])
def test_timestamps(unit: str, zone: str | None) -> None:
    column = pa.array([1309478401, -5], pa.int64()).cast(pa.timestamp(unit, zone))
    assert read(column) == [1309478401 * UNITS[unit], -5 * UNITS[unit]]


def test_dates_and_decimals() -> None:
    assert read(pa.array([datetime.date(2011, 7, 1)])) == [1309478400_000000000]
    assert read(pa.array([Decimal("1309478401.123456789")])) == [1309478401_123456789]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["2011-07-01", "soon"]),
        pa.array(["2011-07-01", ""]),
        pa.array(["2011-07-01", "2011-02-30"]),
        pa.array(["2011-07-01", "01/07/2011 00:00"]),
        pa.array(["2011-07-01", "1500-01-01"]),
        pa.array(["2011-07-01", "2011-07-01 00:00:00.1234567891"]),
        pa.array(["1309478401", "nan"]),
        pa.array(["1309478401", "inf"]),
        pa.array(["1309478401", ""]),
        pa.array(["1309478401", "1e99"]),
        pa.array(["1309478401", "1e9994800"]),
        pa.array(["1309478401", "1e99999999999999999999"]),
        pa.array(["1309478401", "2011-07-01"]),
        pa.array([1.5, float("nan")]),
        pa.array([1.5, float("inf")]),
        pa.array([0, 2**63], pa.uint64()),
        pa.array([1309478401, None]),
        pa.array([0, 10**10], pa.int64()).cast(pa.timestamp("s")),
    ],
)
def test_the_first_wrong_time_is_told(column: Any) -> None:
    with pytest.raises(CellError, match="expected") as caught:
        read(column)
    assert caught.value.row == 1


def test_a_column_of_something_else_is_told() -> None:
    with pytest.raises(CellError, match="bool"):
        read(pa.array([True]))
