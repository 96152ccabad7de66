"""What cannot be read says so in one line: what, where, and what to do."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_tables import write_parquet, write_record_file

from harness.contract import Readings
from harness.errors import InputError
from harness.records import write_records
from workloads.recordings import Recording, read_recording
from workloads.recordings.table import TableReader
from workloads.replay import Replay

GOOD = "time,sensor,value\n2024-05-01 12:00:00,a,1.5\n2024-05-01 12:00:01,b,2.5\n"


def complaint(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_recording(path)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 400 + len(str(path))
    assert str(path) in text
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("\ufeff", "empty"),
        ("\ufeff\n\n", "empty"),
        ("time,sensor,value\n", "no reading"),
        ("time,a,b\n2024-05-01,,\n", "no reading"),
        ("sensor,value\na,1\n", "no time column among 'sensor', 'value'"),
        ("1714564800,a,1.5\n", "name the columns time,sensor,value"),
        ("time\n2024-05-01\n", "only a time column"),
        ("time,a,b,a\n2024-05-01,1,2,3\n", "two columns are called 'a'"),
        ("time,a,\n2024-05-01,1,2\n", "column 3 has no name"),
        (GOOD + "2024-05-01 12:00:02,c,warm\n", "line 4: column 'value' holds 'warm'"),
        (GOOD + "\n\n2024-05-01 12:00:02,c,1_000\n", "line 6: column 'value' holds '1_000'"),
        (GOOD + "2024-05-01 12:00:02,c,0x10\n", "line 4: column 'value'"),
        (GOOD + '2024-05-01 12:00:02,"two\nlines",1\n2024-05-01 12:00:02,c,warm\n', "line 6: column 'value'"),
        (GOOD + "yesterday,c,1\n", "line 4: column 'time' holds 'yesterday'"),
        (GOOD + ",c,1\n", "line 4: column 'time' holds a blank"),
        (GOOD + "2024-05-01 12:00:02,,1\n", "line 4: column 'sensor' is blank"),
        (GOOD + "2024-05-01 12:00:02,c\n", "line 4 has 2 columns; expected 3"),
        (GOOD + "2024-05-01 12:00:02,c,1,2\n", "line 4 has 4 columns; expected 3"),
        (GOOD + '2024-05-01 12:00:02,"c,1\n2024-05-01 12:00:02,c,1\n', "columns; expected 3"),
        (GOOD + "1500-01-01,c,1\n", "line 4: column 'time' holds"),
        ("time,a,b\n2024-05-01,1,2\n2024-05-02,x,y\n", "line 3: column 'a' holds 'x'"),
        (
            "time,sensor,temperature,humidity\n2024-05-01,boiler,2,3\n",
            "'sensor' names sensors, but is 'temperature' or 'humidity' their value? name the columns",
        ),
        (
            "time,a\n1714564800,1\n99999999999999999999,2\n",
            "line 3: column 'time' holds the time 99999999999999999999",
        ),
    ],
)
def test_bad_csv(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    assert expected in complaint(path)
    packed = tmp_path / "bad.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert expected in complaint(packed)


def test_the_line_is_right_far_into_a_long_file(tmp_path: Path) -> None:
    lines = [f"{10**18 + number},s{number % 9},{number}.5" for number in range(400_000)]
    lines[350_000] = f"{10**18},s1,warm"
    path = tmp_path / "long.csv"
    path.write_text("\n".join(["time,sensor,value", *lines]))
    assert "line 350002: column 'value' holds 'warm'" in complaint(path)
    lines[350_000] = f"{10**18},s1"
    path.write_text("\n".join(["time,sensor,value", *lines]))
    assert "line 350002 has 2 columns" in complaint(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PK\x03\x04" + bytes(100), "ZIP archive or a spreadsheet"),
        (b"\x28\xb5\x2f\xfd" + bytes(100), "zstd"),
        (GOOD.encode("utf-16"), "UTF-16"),
        (b"\x7fELF" + bytes(1000), "not a CSV, Parquet or record file"),
        (bytes(1000), "not a CSV, Parquet or record file"),
        (b"x" * (5 << 20), "not a CSV, Parquet or record file"),
        (GOOD.encode() + b"2024-05-01,caf\xe9,1\n", "UTF-8"),
        (b"time,caf\xe9\n2024-05-01,1\n", "UTF-8"),
        (b"PAR1" + bytes(100) + b"PAR1", "Parquet data is cut short or damaged"),
        (b"PAR1", "Parquet data is cut short or damaged"),
        (b"SENSREC\n", "not a record file"),
        (b"SENSREC\n" + bytes(5000), "byte order"),
        (b"\x1f\x8b", "gzip data is cut short or damaged"),
        (b"\x1f\x8b" + bytes(50), "gzip data is cut short or damaged"),
    ],
)
def test_bad_bytes(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)
    assert expected in complaint(path)


def test_missing_forbidden_and_folder(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in complaint(tmp_path / "none.csv")
    assert "is a folder; name a file in it" in complaint(tmp_path)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"time": [1], "sensor": ["a"], "value": [True]}, "row 1: column 'value' holds bool"),
        ({"time": [1, 2], "sensor": ["a", None], "value": [1.0, 2.0]}, "row 2: column 'sensor' is blank"),
        ({"time": [1, None], "sensor": ["a", "b"], "value": [1.0, 2.0]}, "row 2: column 'time' holds nothing"),
        ({"time": [1, 2], "sensor": ["a", "b"], "value": ["1", "warm"]}, "row 2: column 'value' holds 'warm'"),
        ({"time": [[1]], "a": [1]}, "row 1: column 'time' holds list"),
        ({"time": [1], "sensor": [[1]], "value": [1]}, "row 1: column 'sensor' holds list"),
        ({"a": [1], "b": [2]}, "no time column among 'a', 'b'"),
        ({"time": [], "a": []}, "no reading"),
    ],
)
def test_bad_parquet(tmp_path: Path, columns: dict[str, Any], expected: str) -> None:
    assert expected in complaint(write_parquet(tmp_path / "bad.parquet", columns))


def read_or_complain(path: Path) -> Recording | str:
    try:
        return read_recording(path)
    except InputError as error:
        return str(error)


def good_csv_gz(folder: Path) -> Path:
    path = folder / "good.csv.gz"
    path.write_bytes(gzip.compress(("".join([GOOD, *GOOD.splitlines(keepends=True)[1:] * 200])).encode()))
    return path


def good_parquet(folder: Path) -> Path:
    count = 500
    columns = {"time": list(range(count)), "sensor": ["ab"[n % 2] for n in range(count)], "value": [0.5] * count}
    return write_parquet(folder / "good.parquet", columns)


def good_record_file(folder: Path) -> Path:
    return write_record_file(folder / "good.rec", [(10**18 + n, "abc"[n % 3], n / 3) for n in range(40)])


MAKERS = [good_csv_gz, good_parquet, good_record_file]


@pytest.mark.parametrize("error", [MemoryError("no room"), KeyError("ours"), ValueError("ours")])
def test_what_is_not_the_files_fault_is_not_laid_at_its_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(TableReader, "add", fail)
    with pytest.raises(type(error), match=str(error.args[0])):
        read_recording(good_parquet(tmp_path))


def test_parquet_texts_that_are_no_utf_8_are_damage(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "damaged.parquet"
    columns = {"time": [1, 2], "sensor": ["boiler", "chiller"], "value": [0.5, 1.5]}
    parquet.write_table(pa.table(columns), path, compression="none", use_dictionary=False, write_statistics=False)
    path.write_bytes(path.read_bytes().replace(b"chiller", b"chil\xffer"))
    assert "cut short or damaged" in complaint(path)


@pytest.mark.parametrize("make", MAKERS)
def test_every_truncation_is_bad_input(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    whole = make(tmp_path).read_bytes()
    path = tmp_path / "cut"
    for length in {0, 1, 2, 7, 8, 43, 44, 47, 48, *range(0, len(whole), max(1, len(whole) // 97)), len(whole) - 1}:
        if length < len(whole):
            path.write_bytes(whole[:length])
            complaint(path)
    path.write_bytes(whole + b"x")
    if make is not good_csv_gz:  # what follows a gzip member is not looked at by every reader
        complaint(path)


@pytest.mark.parametrize("make", MAKERS)
def test_flipped_bits_never_raise_anything_else(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    good = make(tmp_path)
    whole, wanted = good.read_bytes(), read_recording(good).readings.to_records().tobytes()
    path = tmp_path / "flipped"
    dense = min(len(whole), 200)
    for position in [*range(dense), *range(dense, len(whole), max(1, len(whole) // 150))]:
        for bit in (0, 3, 7):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            read = read_or_complain(path)
            if isinstance(read, str):
                assert "\n" not in read
            elif make is not good_parquet:  # which has no checksum over its values by default
                assert read.readings.to_records().tobytes() == wanted, position


def test_a_record_file_with_a_damaged_beginning_is_told_as_one(tmp_path: Path) -> None:
    whole = good_record_file(tmp_path).read_bytes()
    path = tmp_path / "damaged.rec"
    for position in range(8):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            assert "a record file whose first bytes are damaged" in complaint(path)
    for damage in (whole.replace(b"\n", b"\r\n"), bytes(6) + whole[6:], b"time,a\n" + whole[7:]):
        path.write_bytes(damage)
        assert "a record file whose first bytes are damaged" in complaint(path)
    path.write_text("SENSREC,time\nboiler,2024-05-01\n")
    assert "record file" not in complaint(path)


def test_flipped_records_are_always_found(tmp_path: Path) -> None:
    whole = good_record_file(tmp_path).read_bytes()
    path = tmp_path / "flipped.rec"
    for position in range(4096, len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        assert "damaged" in complaint(path)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"time,sensor,value\n", b"PAR1", b"SENSREC\n", b"\x1f\x8b\x08"]))
def test_no_bytes_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz"
    path.write_bytes(start + content)
    read = read_or_complain(path)
    assert isinstance(read, Recording) or "\n" not in read


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('0123456789,;"\n.-+eEnaifT:Z \tx'), max_size=120))
def test_no_csv_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_text("time,sensor,value\n" + text)
    read = read_or_complain(path)
    assert isinstance(read, Recording) or "\n" not in read


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"sensor_names": ["a"]}, "names 1 sensors; expected 2"),
        ({"sensor_names": ["a", "a"]}, "expected 2 unique names"),
        ({"sensor_names": "ab"}, "no list of sensors"),
        ({"sensor_names": [1, 2]}, "unique names"),
        ({"calibration": {"sensor": ["a"]}}, "calibration in the header is damaged"),
        ({"calibration": [1]}, "calibration in the header is damaged"),
        ({"calibration": {"sensor": ["a"], "gain": [1, 2], "offset": [1]}}, "does not fit together"),
        ({"calibration": {"sensor": ["a"], "gain": ["x"], "offset": [1]}}, "calibration in the header is damaged"),
    ],
)
def test_metadata_that_do_not_fit(tmp_path: Path, metadata: dict[str, Any], expected: str) -> None:
    path = tmp_path / "odd.rec"
    two = Readings(np.array([7, 9], np.uint32), np.zeros(2, np.int64), np.ones(2, np.float32))
    write_records(path, [two], metadata)
    assert expected in complaint(path)


def test_a_record_file_without_a_reading(tmp_path: Path) -> None:
    write_records(tmp_path / "none.rec", [])
    assert "no reading" in complaint(tmp_path / "none.rec")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "empty; expected a line of column names"),
        ("\n\n", "empty; expected a line of column names"),
        ("sensor,gain\na,1\n", "no column offset among 'sensor', 'gain'"),
        ("sensor,gain,offset\na,1,2\na,1,2\n", "line 3: sensor 'a' is repeated"),
        ("sensor,gain,offset\na,1\n", "line 2 has 2 columns"),
        ("sensor,gain,offset\na,2,5,0\n", "line 2 has 4 columns; expected 3 as there are names: decimal comma"),
        ("sensor,gain,offset\na,1_0,0\n", "line 2: gain is '1_0'"),
        ("sensor,gain,offset\na,steep,0\n", "line 2: gain is 'steep'"),
        ("sensor,gain,offset\na,1,inf\n", "line 2: offset is 'inf'"),
        ("sensor,gain,offset\na,nan,0\n", "line 2: gain is 'nan'"),
        ("sensor,gain,offset\na,2e18,0\n", "line 2: gain is '2e18'; expected a number of at most 2**60"),
        ("sensor,gain,offset\n", "none of the 2 sensors"),
        ("sensor,gain,offset\nz,1,0\n", "none of the 2 sensors"),
        ("sensor,gain,offset\n\xe9,1,0\n", "UTF-8"),
    ],
)
def test_bad_sensor_tables(tmp_path: Path, text: str, expected: str) -> None:
    good, table = tmp_path / "good.csv", tmp_path / "table.csv"
    good.write_text(GOOD)
    table.write_bytes(text.encode("latin-1"))
    replay = Replay(good, table)
    with pytest.raises(InputError) as caught:
        replay.sensors(replay.size("recording"))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
