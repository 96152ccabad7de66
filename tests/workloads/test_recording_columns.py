"""Columns of other names, and units that their size does not tell."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_tables import Expected, write_csv, write_parquet, write_record_file

from harness.cli.record import convert as convert_command
from harness.errors import InputError
from workloads.convert import convert
from workloads.recordings import Hints, read_recording
from workloads.recordings.form import PERHAPS_TIME, SENSOR, TIME, VALUE
from workloads.recordings.hints import PLACES

FEW = settings(max_examples=60, deadline=None)
GERMAN = "Zeit;Qualität;Fühler;Wert\n1000000000000000000;1;Kessel;23,5\n1000000000000000001;0;Kühler;4\n"
ROWS = [(10**18, "Kessel", 23.5), (10**18 + 1, "Kühler", 4.0)]


@pytest.mark.parametrize(
    "hints",
    [
        Hints("Zeit", "Fühler", "Wert"),
        Hints("ZEIT", " fu\u0308hler ", "wert"),  # the ü of two signs, as some systems write it
    ],
)
def test_long_form(tmp_path: Path, hints: Hints) -> None:
    path = tmp_path / "anlage.csv"
    path.write_text(GERMAN)
    recording = read_recording(path, hints=hints)
    Expected.of(ROWS).check(recording)
    assert recording.notes == ("ignored columns: Qualität",)
    convert(path, tmp_path / "anlage.rec", hints=hints)
    Expected.of(ROWS).check(read_recording(tmp_path / "anlage.rec"))


def test_a_column_named_as_something_else(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "odd.csv", ["time", "value", "name", "t"], [["7", "a", "1.5", "1000000000000000000"]])
    Expected.of([(10**18, "a", 1.5)]).check(read_recording(path, hints=Hints("t", "value", "name")))
    Expected.of([(10**18, "time", 7.0)]).check(
        read_recording(write_csv(tmp_path / "w.csv", ["time", "t"], [["7", str(10**18)]]), hints=Hints(time="t"))
    )


def test_parquet(tmp_path: Path) -> None:
    columns = {"Zeit": [10**18, 10**18 + 1], "Fühler": ["Kessel", "Kühler"], "Wert": [23.5, 4.0]}
    path = write_parquet(tmp_path / "anlage.parquet", columns)
    Expected.of(ROWS).check(read_recording(path, hints=Hints("Zeit", "Fühler")))


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (Hints("Zeit", "Sensor"), "no column 'Sensor' among 'Zeit', 'Qualität', 'Fühler', 'Wert'; give --sensor"),
        (Hints("Zeit", "Fühler"), "'Fühler' names sensors, but is 'Qualität' or 'Wert' their value?"),
        (Hints("Zeit", None, "Wert"), "no column of sensors among 'Zeit', 'Qualität', 'Fühler', 'Wert'; name it"),
        (Hints("Zeit", "Fühler", "Fühler"), "one column is named as two of time, sensor and value"),
        (Hints("Zeit", "Zeit", "Wert"), "one column is named as two of time, sensor and value"),
        (Hints(), "no time column among 'Zeit', 'Qualität', 'Fühler', 'Wert'"),
    ],
)  # fmt: skip
def test_names_that_do_not_fit(tmp_path: Path, hints: Hints, expected: str) -> None:
    path = tmp_path / "anlage.csv"
    path.write_text(GERMAN)
    with pytest.raises(InputError) as caught:
        read_recording(path, hints=hints)
    assert expected in str(caught.value)


@FEW
@given(st.sampled_from(list(PLACES)), st.lists(st.integers(-(10**9), 9 * 10**9), min_size=1, max_size=5))
def test_a_given_unit_is_believed(tmp_path_factory: pytest.TempPathFactory, unit: str, times: list[int]) -> None:
    folder = tmp_path_factory.getbasetemp()
    wanted = [time * 10 ** PLACES[unit] for time in times]
    csv_path = write_csv(folder / "unit.csv", ["time", "a"], [[str(time), "1"] for time in times])
    floats: dict[str, object] = {"time": [float(time) for time in times], "a": [1.0] * len(times)}
    for path in (
        csv_path,
        write_parquet(folder / "unit.parquet", {"time": times, "a": [1.0] * len(times)}),
        write_parquet(folder / "float.parquet", floats),
    ):
        assert read_recording(path, hints=Hints(time_unit=unit)).readings.time.tolist() == wanted


def test_a_given_unit_makes_no_days(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "days.csv", ["time", "a"], [["20240501", "1"]])
    assert read_recording(path, hints=Hints(time_unit="ms")).readings.time.tolist() == [20240501 * 10**6]


def test_a_given_unit_needs_epoch_numbers(tmp_path: Path) -> None:
    import pyarrow as pa

    hints = Hints(time_unit="ms")
    path = write_csv(tmp_path / "iso.csv", ["time", "a"], [["2024-05-01", "1"]])
    with pytest.raises(InputError, match="line 2: column 'time' holds '2024-05-01'; expected an epoch number in ms"):
        read_recording(path, hints=hints)
    stamps = {"time": pa.array([1], pa.timestamp("s", "UTC")), "a": [1.0]}
    with pytest.raises(InputError, match="whose unit is settled: leave out --time-unit"):
        read_recording(write_parquet(tmp_path / "s.parquet", stamps), hints=hints)
    path = write_record_file(tmp_path / "any.rec", ROWS)
    with pytest.raises(InputError, match="leave out --sensor-column, --time-unit"):
        read_recording(path, hints=Hints(sensor="a", time_unit="s"))


def test_help_and_page_name_the_names_that_are_understood() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "record-format.md").read_text()
    help_text = str(convert_command.help)
    for names in (TIME, SENSOR, VALUE):
        assert ", ".join(names) in help_text
        assert ", ".join(f"`{name}`" for name in names) in page
    assert all(name in help_text for name in PERHAPS_TIME if not name.startswith("_"))
    assert all(f"`{name}`" in page for name in PERHAPS_TIME if name)
