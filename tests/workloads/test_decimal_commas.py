"""Decimal commas, in recordings and in sensor tables: read exactly where they cannot be misread, else refused."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from workloads.recordings import read_recording
from workloads.recordings.calibration_file import read_calibration

START = 10**18
FEW = settings(max_examples=60, deadline=None)


def with_comma(number: float) -> str:
    return repr(number).replace(".", ",")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("commas") / "table.csv"


def complaint(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_recording(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@FEW
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20),
    st.sampled_from(";\t|"),
    st.booleans(),
    st.booleans(),
)
def test_a_comma_reads_as_a_point_does(path: Path, numbers: list[float], separator: str, wide: bool, pad: bool) -> None:
    header = ["time", "a"] if wide else ["time", "sensor", "value"]
    cells = [[str(START + n), *([] if wide else ["a"]), with_comma(number)] for n, number in enumerate(numbers)]
    if pad:
        cells = [[*row[:-1], f" {row[-1]} "] for row in cells]
    path.write_text("\n".join(separator.join(row) for row in [header, *cells]))
    recording = read_recording(path)
    with np.errstate(over="ignore"):
        wanted = np.array(numbers, np.float64).astype(np.float32)
    assert recording.readings.value.tobytes() == wanted.tobytes()
    assert recording.readings.time.tolist() == [START + n for n in range(len(numbers))]


@FEW
@given(st.integers(0, 9 * 10**18))
def test_times_may_have_one_too(path: Path, time_ns: int) -> None:
    whole, part = divmod(time_ns, 10**9)
    path.write_text(f"time;a\n{whole},{part:09d};1,5\n2000000000;2\n")
    recording = read_recording(path)
    assert recording.readings.time.tolist() == [time_ns, 2 * 10**18]
    assert recording.readings.value.tolist() == [1.5, 2]


def test_iso_times_keep_their_fractions(path: Path) -> None:
    path.write_text("time;a;b\n2024-05-01 12:00:00,25;1,5;n/a\n2024-05-01 12:00:00.5;2;,5\n")
    recording = read_recording(path)
    assert (recording.readings.time - 1714564800_000000000).tolist() == [250_000_000, 500_000_000, 500_000_000]
    assert recording.readings.value.tolist() == [1.5, 2, 0.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('time,a\n2024-05-01,"23,865"\n', "line 2: column 'a' holds '23,865'; expected a decimal number: decimal c"),
        ("time,sensor,value\n2024-05-01,a,2\n2024-05-02,a,23,865\n", "line 3 has 4 columns; expected 3"),
        ("time,sensor,value\n2024-05-01,a,2\n2024-05-02,a,23,865\n", "decimal comma; write a point, or separate"),
        ("time;a\n2024-05-01;1.234,5\n", "line 2: column 'a' holds '1.234,5' in a file with decimal points"),
        ("time;a\n2024-05-01;1,5\n2024-05-02;1.234\n", "line 2: column 'a' holds '1,5' in a file with decimal points"),
        ("time;a;b\n2024-05-01;1,5;2\n2024-05-02;2;1.234\n", "line 3: column 'b' holds '1.234' in a file with dec"),
        ("time;a;b\n2024-05-01;1.5;2\n2024-05-02;2;1,234\n", "line 3: column 'b' holds '1,234' in a file with dec"),
        ("time;a\n2024-05-01;1,234,567\n", "column 'a' holds '1,234,567'; expected a decimal number: write it"),
        ("time;a\n2024-05-01;1 234\n", "column 'a' holds '1 234'; expected a decimal number: write it without a sign"),
        ('time,a\n2024-05-01,"1,234,567"\n', "write it without a sign between thousands"),
        ("time;a\n2024-05-01;warm\n", "holds 'warm'; expected a decimal number: mend it"),
        ("time;a\n1,714,564;2\n", "line 2: column 'time' holds '1,714,564'"),
    ],
)  # fmt: skip
def test_what_could_be_misread_is_refused(path: Path, text: str, expected: str) -> None:
    assert expected in complaint(path, text)


def test_one_sign_in_all_blocks(path: Path) -> None:
    lines = [f"{START + n};{n},5" for n in range(300_000)]
    lines[-1] = f"{START};1.234"
    path.write_text("\n".join(["time;a", *lines]))
    assert path.stat().st_size > 1 << 22
    assert "line 300001: column 'a' holds '1.234' in a file with decimal commas" in complaint(path, path.read_text())


GAINS = [("b ", 0.1, -1e3), ('a "quoted"; one', 2.5, 1e-30), ("silent", -4.0, 0.0)]


@pytest.mark.parametrize("separator", list(",;\t|"))
@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_sensor_tables_take_what_recordings_take(
    tmp_path: Path, separator: str, comma: bool, end: str, packed: bool
) -> None:
    def cell(value: str | float) -> str:
        text = repr(value) if isinstance(value, float) else value
        return '"' + (text.replace(".", ",") if comma and isinstance(value, float) else text).replace('"', '""') + '"'

    rows: list[list[str | float]] = [["Offset", "site", "Sensor", "Gain"]]
    for name, gain, offset in GAINS:
        rows.append([offset, "x", name, gain])
    lines = ["# the plant's table", "", *(separator.join(map(cell, row)) for row in rows), ""]
    raw = b"\xef\xbb\xbf" + end.join(lines).encode()
    path = tmp_path / "table"
    path.write_bytes(gzip.compress(raw) if packed else raw)
    if comma and separator == ",":
        with pytest.raises(InputError, match=r"line 4: gain is '0,1'; .*: decimal comma; write a point, or separate"):
            read_calibration(path)
        return
    table = read_calibration(path)
    assert table.names == tuple(name.strip() for name, _, _ in GAINS)
    assert table.gain.tobytes() == np.array([gain for _, gain, _ in GAINS], np.float32).tobytes()
    assert table.offset.tobytes() == np.array([offset for _, _, offset in GAINS], np.float32).tobytes()


def test_a_sensor_table_keeps_to_one_sign(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("sensor;gain;offset\na;1,5;0\nb;1.234;0\n")
    with pytest.raises(InputError, match=r"line 3: column 'gain' holds '1\.234' in a file with decimal commas"):
        read_calibration(path)
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        read_calibration(tmp_path)
