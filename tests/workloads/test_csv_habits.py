"""What programs and people put around the table: comments, line ends of old, words for no value."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_tables import Expected, text_of

from harness.errors import InputError
from workloads.recordings import read_recording
from workloads.recordings.numbers import NO_VALUE

FEW = settings(max_examples=60, deadline=None)
ROWS = [(10**18, "a", 1.5), (10**18 + 1, "b", -2.0)]
BODY = "1000000000000000000,a,1.5\n1000000000000000001,b,-2\n"


@pytest.mark.parametrize(
    "start",
    [
        "# from the plant's logger\ntime,sensor,value\n",
        '\ufeff#said "so\n\n#\n# time: UTC\n\ntime,sensor,value\n',
        "# columns: time,sensor,value\ntime,sensor,value\n",
        "# sensor, time, value\ntime,sensor,value\n",
        "# time,sensor,value\n",  # as numpy.savetxt writes the line of names
        "## logger 7; caf\u00e9\n#time,sensor,value\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_comments_in_front(tmp_path: Path, start: str, end: str, packed: bool) -> None:
    raw = (start + BODY).replace("\n", end).encode()
    path = tmp_path / "commented.csv"
    path.write_bytes(gzip.compress(raw) if packed else raw)
    Expected.of(ROWS).check(read_recording(path))
    spoilt = raw + f"1000000000000000002,b,warm{end}".encode()
    path.write_bytes(spoilt)
    line = start.count("\n") + 3
    with pytest.raises(InputError, match=f"line {line}: column 'value' holds 'warm'"):
        read_recording(path)


def test_names_may_begin_with_the_sign_of_comments(tmp_path: Path) -> None:
    path = tmp_path / "numbered.csv"
    path.write_text("#,time,#2\n7,1000000000000000000,1.5\n")
    Expected.of([(10**18, "#", 7.0), (10**18, "#2", 1.5)]).check(read_recording(path))


@pytest.mark.parametrize("text", ["#", "# only this\n", "#\n#\n\n"])
def test_comments_alone_are_no_recording(tmp_path: Path, text: str) -> None:
    path = tmp_path / "none.csv"
    path.write_text(text)
    with pytest.raises(InputError, match="empty; expected a line of column names"):
        read_recording(path)


def test_a_long_file_of_carriage_returns(tmp_path: Path) -> None:
    count = 300_000
    path = tmp_path / "old.csv"
    path.write_text("time,a\r" + "".join(f"{10**18 + n},{n}.5\r" for n in range(count)), newline="")
    assert path.stat().st_size > 1 << 22
    readings = read_recording(path).readings
    assert readings.time.tolist() == list(range(10**18, 10**18 + count))
    assert np.array_equal(readings.value, np.arange(count, dtype=np.float32) + np.float32(0.5))


CELLS = st.one_of(
    st.floats(allow_nan=False, width=32),
    st.sampled_from(NO_VALUE).flatmap(lambda word: st.sampled_from([word, word.upper(), word.title(), f" {word} "])),
    st.sampled_from(["", "  "]),
)


@FEW
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=12), st.sampled_from(",;\t"))
def test_words_for_no_value_are_blank(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[float | str]], separator: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "blank.csv"
    texts = [[cell if isinstance(cell, str) else text_of(cell) for cell in row] for row in cells]
    table = [["time", "a", "b"], *([str(10**18 + n), *row] for n, row in enumerate(texts))]
    path.write_text("\n".join(separator.join(row) for row in table))
    wanted = [
        (10**18 + n, "ab"[m], cell)
        for n, row in enumerate(cells)
        for m, cell in enumerate(row)
        if not isinstance(cell, str)
    ]
    if not wanted:
        with pytest.raises(InputError, match="holds no reading"):
            read_recording(path)
        return
    recording = read_recording(path)
    Expected.of(wanted).check(recording)
    said = sum(isinstance(cell, str) and bool(cell.strip()) for row in cells for cell in row)
    assert [note for note in recording.notes if "cells" in note] == [
        f"cells that say nan, n/a or the like, read as blank: {said}"
    ] * (said > 0)
    # In long form they are readings all the same.
    table = [["time", "sensor", "value"], *([str(10**18 + n), "a", row[0]] for n, row in enumerate(texts))]
    path.write_text("\n".join(separator.join(row) for row in table))
    Expected.of((10**18 + n, "a", np.nan if isinstance(row[0], str) else row[0]) for n, row in enumerate(cells)).check(
        read_recording(path)
    )


def test_a_sensor_may_be_called_so(tmp_path: Path) -> None:
    path = tmp_path / "named.csv"
    path.write_text("time,sensor,value\n1000000000000000000,NA,1.5\n1000000000000000001,-,2\n")
    Expected.of([(10**18, "NA", 1.5), (10**18 + 1, "-", 2.0)]).check(read_recording(path))


@pytest.mark.parametrize("word", ["true", "False", " TRUE "])
def test_truth_is_no_value(tmp_path: Path, word: str) -> None:
    path = tmp_path / "switch.csv"
    path.write_text(f"time,a\n2024-05-01,1\n2024-05-02,{word}\n")
    with pytest.raises(InputError) as caught:
        read_recording(path)
    assert f"line 3: column 'a' holds '{word.strip()}'; expected a decimal number: write 1 and 0 for true" in str(
        caught.value
    )
