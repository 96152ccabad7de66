"""Every kind of Parquet column is read exactly, or refused in one line."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from recorded_tables import Expected, write_parquet

from harness.errors import InputError
from workloads.recordings import read_recording

NS = 10**18
TWO = [NS, NS + 1]


@pytest.mark.parametrize(
    "times",
    [
        pa.array(TWO).dictionary_encode(),
        pa.array(TWO, pa.timestamp("ns", "Asia/Kolkata")),
        pa.array(TWO, pa.timestamp("ns", "-03:30")),
        pa.array([Decimal("1000000000.000000000"), Decimal("1000000000.000000001")], pa.decimal128(38, 9)),
        pa.array([Decimal("1000000000"), Decimal("1000000000.000000001")], pa.decimal256(60, 20)),
        pa.array(["2001-09-09T01:46:40Z", "2001-09-09T01:46:40.000000001Z"]).dictionary_encode(),
        pa.array(list(map(str, TWO)), pa.string_view()),
        pa.array(TWO, pa.uint64()),
    ],
)
def test_times(tmp_path: Path, times: Any) -> None:
    path = write_parquet(tmp_path / "kinds.parquet", {"time": times, "a": [1.5, 2.5]})
    Expected.of([(NS, "a", 1.5), (NS + 1, "a", 2.5)]).check(read_recording(path))


@pytest.mark.parametrize(
    "values",
    [
        pa.array([0.1, -2.0]).dictionary_encode(),
        pa.array([Decimal("0.1"), Decimal("-2")], pa.decimal32(9, 4)),
        pa.array([Decimal("0.1"), Decimal("-2")], pa.decimal256(70, 30)),
        pa.array(["0.1", "-2"]).dictionary_encode(),
        pa.array(["0.1", "-2"], pa.large_string()),
        pa.array(["0.1", "-2"], pa.string_view()),
    ],
)
def test_values(tmp_path: Path, values: Any) -> None:
    path = write_parquet(tmp_path / "kinds.parquet", {"time": TWO, "a": values})
    Expected.of([(NS, "a", 0.1), (NS + 1, "a", -2.0)]).check(read_recording(path))


@pytest.mark.parametrize(
    "sensors",
    [
        pa.array(["a", "b"], pa.large_string()),
        pa.array(["a", "b"], pa.string_view()),
        pa.array([b"a", b"b"]),
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array([b"a", b"b"]).dictionary_encode(),
    ],
)
def test_sensors(tmp_path: Path, sensors: Any) -> None:
    path = write_parquet(tmp_path / "kinds.parquet", {"time": TWO, "sensor": sensors, "value": [1.5, 2.5]})
    Expected.of([(NS, "a", 1.5), (NS + 1, "b", 2.5)]).check(read_recording(path))


WIDE_STRUCT = pa.array([{f"part {number}": 1 for number in range(200)}] * 2)
REFUSED = [
    pa.array([[1.0], [2.0]]),
    pa.array([[1.0], [2.0]], pa.list_(pa.float64(), 1)),
    pa.array([{"x": 1.0}, {"x": 2.0}]),
    WIDE_STRUCT,
    pa.array([[("k", 1.0)], []], pa.map_(pa.string(), pa.float64())),
    pa.array([True, False]),
    pa.array([b"\xff", b"2"]),
    pa.array([b"\xff\xff", b"22"], pa.binary(2)),
    pa.array([datetime.time(1), datetime.time(2)]),
    pa.array([1, 2], pa.duration("s")),
]


@pytest.mark.parametrize("column", REFUSED, ids=lambda column: str(column.type)[:20])
@pytest.mark.parametrize("part", ["time", "sensor", "value", "a"])
def test_other_kinds_are_refused_in_one_line(tmp_path: Path, column: Any, part: str) -> None:
    columns: dict[str, Any] = {"time": TWO, "sensor": ["a", "b"], "value": [1.5, 2.5]}
    if part == "a":
        columns = {"time": TWO}
    path = write_parquet(tmp_path / "kinds.parquet", columns | {part: column})
    with pytest.raises(InputError) as caught:
        read_recording(path)
    said = str(caught.value)
    assert f"row 1: column {part!r} holds" in said
    assert "\n" not in said
    assert len(said) < 300 + len(str(path))


@pytest.mark.parametrize("column", REFUSED, ids=lambda column: str(column.type)[:20])
def test_what_is_not_used_may_be_of_any_kind(tmp_path: Path, column: Any) -> None:
    columns: dict[str, Any] = {"time": TWO, "sensor": ["a", "b"], "value": [1.5, 2.5], "value.more": column}
    recording = read_recording(write_parquet(tmp_path / "kinds.parquet", columns))
    Expected.of([(NS, "a", 1.5), (NS + 1, "b", 2.5)]).check(recording)
    assert recording.notes == ("ignored columns: value.more",)
