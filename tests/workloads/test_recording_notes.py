"""Nothing of a file is left out or changed without a note, in the run and behind a conversion."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded_tables import write_csv, write_parquet

from workloads.convert import convert
from workloads.recordings import Hints, read_recording
from workloads.replay import Replay

START = 10**18


def notes_of(path: Path, text: str) -> tuple[str, ...]:
    path.write_text(text)
    return read_recording(path).notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quality,time,sensor,value,site\n1,2024-05-01,a,1.5,x\n", ("ignored columns: quality, site",)),
        (",time,sensor,temperature\n0,2024-05-01,a,1.5\n", ("ignored columns: one without a name",)),
        (",time,a\n0,2024-05-01,1.5\n", ("ignored columns: one without a name",)),
        ("Unnamed: 0,time,a\n0,2024-05-01,1.5\n", ("ignored columns: Unnamed: 0",)),
        ("time,a,b,c\n2024-05-01,,1,\n2024-05-02,n/a,2,\n", (
            "columns without a reading: a, c",
            "cells that say nan, n/a or the like, read as blank: 1",
        )),
        ("time,sensor,value\n2024-05-01,a,1e39\n2024-05-01,a,-1e999\n2024-05-01,a,inf\n2024-05-01,a,3e38\n", (
            "values too large for float32, read as infinities: 2",
        )),
        ("time,sensor,value\n2024-05-01,a,nan\n2024-05-01,a,\n", ()),
        ("time,a\n2024-05-01,1.5\n", ()),
    ],
)  # fmt: skip
def test_what_is_left_out_is_noted(tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    assert notes_of(tmp_path / "noted.csv", text) == expected


def test_many_columns_are_cut_short_and_kept_on_one_line(tmp_path: Path) -> None:
    header = ["time", "sensor", "value", "two\nlines", *(f"q{number}" for number in range(20)), "x" * 100]
    path = write_csv(tmp_path / "many.csv", header, [["2024-05-01", "a", "1", *"0" * 22]])
    assert read_recording(path).notes == (r"ignored columns: two\nlines, q0, q1, q2, q3, q4, q5, q6, ... (22 in all)",)


def test_a_nameless_column_elsewhere_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="column 3 has no name"):
        notes_of(tmp_path / "odd.csv", "time,a,\n2024-05-01,1,2\n")


def test_parquet_notes(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "time": [START, START],
        "a": [1e39, np.inf],
        "b": [None, None],
        "__index_level_0__": [0, 1],
    }
    assert read_recording(write_parquet(tmp_path / "noted.parquet", columns)).notes == (
        "ignored columns: __index_level_0__",
        "columns without a reading: b",
        "values too large for float32, read as infinities: 1",
    )


def test_notes_go_with_a_converted_recording(tmp_path: Path) -> None:
    path = tmp_path / "noted.csv"
    path.write_text("time,a,b\n2024-05-01,1e39,\n")
    expected = ("columns without a reading: b", "values too large for float32, read as infinities: 1")
    assert convert(path, tmp_path / "c.rec").notes == expected
    for one in (path, tmp_path / "c.rec"):
        replay = Replay(one)
        assert replay.notes(replay.size("recording")) == expected
    assert convert(tmp_path / "c.rec", tmp_path / "d.rec").notes == expected
    assert (tmp_path / "d.rec").read_bytes() == (tmp_path / "c.rec").read_bytes()


@pytest.mark.parametrize(
    ("times", "unit", "warns"),
    [
        (("0", "31535999.5"), None, True),
        (("0", "31535999.5"), "s", False),
        (("0", "31536000"), None, False),
        (("-1", "5"), None, False),
        (("1970-01-01", "1970-12-31T23:59:59Z"), None, True),
        (("2024-05-01", "1970-12-31"), None, False),
    ],
)
def test_a_recording_of_1970_was_probably_misread(
    tmp_path: Path, times: tuple[str, str], unit: str | None, warns: bool
) -> None:
    path = tmp_path / "epoch.csv"
    path.write_text("time,a\n" + "".join(f"{time},1\n" for time in times))
    notes = convert(path, tmp_path / "e.rec", hints=Hints(time_unit=unit)).notes
    assert [("1970" in note, "--time-unit" in note) for note in notes] == [(True, True)] * warns
