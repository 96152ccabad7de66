"""Every form reads as the same recording: long and wide, CSV, Parquet and record file."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_tables import (
    Expected,
    Row,
    names,
    rows,
    text_of,
    times_ns,
    values,
    write_csv,
    write_parquet,
    write_record_file,
)

from workloads.recordings import read_recording

FEW = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@FEW
@given(rows, st.permutations(["time", "sensor", "value"]), st.sampled_from(",;\t|"), st.sampled_from([".csv", ".gz"]))
def test_long_csv(folder: Path, given_rows: list[Row], order: list[str], delimiter: str, suffix: str) -> None:
    cells = [{"time": str(time), "sensor": name, "value": text_of(value)} for time, name, value in given_rows]
    body = [[row[column] for column in order] for row in cells]
    path = write_csv(folder / f"long{suffix}", [column.upper() for column in order], body, delimiter)
    Expected.of(given_rows).check(read_recording(path))


@FEW
@given(rows, st.booleans())
def test_long_parquet(folder: Path, given_rows: list[Row], as_categories: bool) -> None:
    import pyarrow as pa

    time, sensor, value = (list(column) for column in zip(*given_rows, strict=True))
    names_column = pa.array(sensor).dictionary_encode() if as_categories else pa.array(sensor)
    columns = {"value": pa.array(value), "sensor": names_column, "time": pa.array(time)}
    Expected.of(given_rows).check(read_recording(write_parquet(folder / "long.parquet", columns)))


@FEW
@given(rows)
def test_record_file(folder: Path, given_rows: list[Row]) -> None:
    Expected.of(given_rows).check(read_recording(write_record_file(folder / "any.rec", given_rows)))


Grid = tuple[list[int], list[str], list[list[float | None]]]


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    columns = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    times = draw(st.lists(times_ns, min_size=1, max_size=12))
    cell = st.one_of(st.none(), st.just(math.nan), values)
    cells = draw(st.lists(st.lists(cell, min_size=len(columns), max_size=len(columns)), min_size=len(times)))
    return times, columns, cells[: len(times)]


def long_rows(grid: Grid) -> list[Row]:
    times, columns, cells = grid
    return [
        (time, name, value)
        for time, row in zip(times, cells, strict=True)
        for name, value in zip(columns, row, strict=True)
        if value is not None
    ]


def without_nan(grid: Grid) -> Grid:
    times, columns, cells = grid
    return times, columns, [[None if value is None or math.isnan(value) else value for value in row] for row in cells]


@FEW
@given(grids().filter(lambda grid: bool(long_rows(without_nan(grid)))))
def test_wide_csv(folder: Path, grid: Grid) -> None:
    times, columns, cells = grid
    body = [
        [str(time), *("" if value is None else repr(value) for value in row)]
        for time, row in zip(times, cells, strict=True)
    ]
    recording = read_recording(write_csv(folder / "wide.csv", ["Timestamp", *columns], body))
    Expected.of(long_rows(without_nan(grid))).check(recording)
    said = sum(value is not None and math.isnan(value) for row in cells for value in row)
    assert any(note.startswith("cells that say nan") and note.endswith(f": {said:,}") for note in recording.notes) == (
        said > 0
    )


@pytest.mark.parametrize("name", ["|0|0", "|0|", "||", ";;a"])
def test_names_that_hold_other_delimiters(folder: Path, name: str) -> None:
    path = write_csv(folder / "wide.csv", ["Timestamp", name], [["200000000000000000", "1.5"]])
    Expected.of(long_rows(([200_000_000_000_000_000], [name], [[1.5]]))).check(read_recording(path))


@FEW
@given(grids().filter(lambda grid: bool(long_rows(grid))))
def test_wide_parquet(folder: Path, grid: Grid) -> None:
    import pyarrow as pa

    times, columns, cells = grid
    table: dict[str, object] = {"when": pa.array(times, pa.timestamp("ns"))}
    table |= {
        name: pa.array([row[number] for row in cells], pa.float64(), from_pandas=False)
        for number, name in enumerate(columns)
    }
    Expected.of(long_rows(grid)).check(read_recording(write_parquet(folder / "wide.parquet", table)))


def test_many_blocks_keep_order_and_ranks(tmp_path: Path) -> None:
    # Longer than a block of 4 MiB, with sensors that appear late.
    count = 300_000
    time = np.arange(count) + 2 * 10**17
    sensor = [f"sensor {min(number // 1000, number % 700)}" for number in range(count)]
    value = np.arange(count) / 7
    body = zip(map(str, time.tolist()), sensor, map(repr, value.tolist()), strict=True)
    path = write_csv(tmp_path / "long.csv", ["time", "sensor", "value"], body)
    assert path.stat().st_size > 2 * (1 << 22)
    Expected.of(list(zip(time.tolist(), sensor, value.tolist(), strict=True))).check(read_recording(path))


def test_other_columns_are_left_alone(tmp_path: Path) -> None:
    body = [["C", "1e18", "a", "x", "1.5"], ["C", "1000000000000000001", "b", "", "-2"]]
    path = write_csv(tmp_path / "more.csv", ["unit", "time", "sensor", "note", "value"], body)
    Expected.of([(10**18, "a", 1.5), (10**18 + 1, "b", -2.0)]).check(read_recording(path))


@pytest.mark.parametrize(
    "text",
    [
        "time,sensor,value\n1000000000000000000, a ,\t1.5 \n1000000000000000001,a,\n",
        "\ufefftime,sensor,value\r\n1000000000000000000,a,1.5\r\n\r\n1000000000000000001,a,nan\r\n",
        '"time","sensor","value"\n"1000000000000000000","a","+1.5"\n"1000000000000000001","a",""',
        "\n\n,sensor,value\n1000000000000000000,a,1.5\n1000000000000000001,a,NaN\n",
        "index;sensor;value\n1000000000000000000;a;15e-1\n1000000000000000001;a;-nan\n",
        "time,sensor,value\r1000000000000000000,a,1.5\r1000000000000000001,a,nan\r",
        "time,sensor,value\r\r\n1000000000000000000,a,1.5\r\r\n1000000000000000001,a,nan",
    ],
)
def test_habits_of_writers(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(text.encode())
    Expected.of([(10**18, "a", 1.5), (10**18 + 1, "a", math.nan)]).check(read_recording(path))


def test_which_column_is_the_time(tmp_path: Path) -> None:
    import pyarrow as pa

    stamps = pa.array([10**18], pa.timestamp("ns"))
    tables: list[tuple[str, dict[str, object]]] = [
        ("T", {"T": [21.5], "when": stamps}),
        ("T", {"T": [21.5], "TIME": [10**18]}),
        ("boiler", {"t": [10**18], "boiler": [21.5]}),
        ("boiler", {"boiler": [21.5], "__index_level_0__": [10**18]}),
    ]
    for sensor, columns in tables:
        Expected.of([(10**18, sensor, 21.5)]).check(read_recording(write_parquet(tmp_path / "which.parquet", columns)))
    path = write_csv(tmp_path / "which.csv", ["T", "Date", "RH"], [["21.5", "2024-05-01", "40"]])
    assert read_recording(path).names == ("T", "RH")


def test_numeric_sensor_names(tmp_path: Path) -> None:
    import pyarrow as pa

    body = [["1000000000000000000", "7", "1"], ["1000000000000000001", "07", "2"]]
    expected = Expected.of([(10**18, "7", 1.0), (10**18 + 1, "07", 2.0)])
    expected.check(read_recording(write_csv(tmp_path / "n.csv", ["time", "sensor", "value"], body)))
    columns = {"time": [10**18, 10**18 + 1], "sensor": pa.array([7, 2**63], pa.uint64()), "value": [1, 2]}
    by_number = Expected.of([(10**18, "7", 1.0), (10**18 + 1, str(2**63), 2.0)])
    by_number.check(read_recording(write_parquet(tmp_path / "n.parquet", columns)))


def test_kinds_of_parquet_numbers(tmp_path: Path) -> None:
    import decimal

    import pyarrow as pa

    columns = {
        "time": pa.array([10**18, 10**18 + 1]),
        "half": pa.array(np.array([1.5, -0.0], np.float16)),
        "single": pa.array(np.array([1.1, 3.4e38], np.float32)),
        "whole": pa.array([2**53 + 1, -3]),
        "exact": pa.array([decimal.Decimal("0.1"), None], pa.decimal128(20, 3)),
        "empty": pa.nulls(2),
        "text": pa.array(["2.5", " 1e3 "]),
    }
    time, later = 10**18, 10**18 + 1
    expected = [
        (time, "half", 1.5), (time, "single", float(np.float32(1.1))), (time, "whole", 2.0**53),
        (time, "exact", 0.1), (time, "text", 2.5), (later, "half", -0.0),
        (later, "single", float(np.float32(3.4e38))), (later, "whole", -3.0), (later, "text", 1000.0),
    ]  # fmt: skip
    Expected.of(expected).check(read_recording(write_parquet(tmp_path / "kinds.parquet", columns)))


def test_values_round_to_nearest_float32(tmp_path: Path) -> None:
    texts = ["0.1", "16777217", "16777219", "3.4028235e38", "3.4028236e38", "1e39", "1e-46", "1.401298464324817e-45"]
    body = [[str(10**18 + number), "a", text] for number, text in enumerate(texts)]
    recording = read_recording(write_csv(tmp_path / "r.csv", ["time", "sensor", "value"], body))
    with np.errstate(over="ignore"):
        wanted = [float(np.float32(np.float64(text))) for text in texts]
    assert recording.readings.value.tolist() == wanted
