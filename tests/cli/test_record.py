"""``sensorbench record`` as a user runs it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import sensorbench

from workloads.recordings import read_recording

CSV = "time,sensor,value\n2024-05-01 12:00:00,a,1.5\n2024-05-01 12:00:01,b,2.5\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SENSORBENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "plant.csv").write_text(CSV)
    return tmp_path


def test_convert(folder: Path) -> None:
    done = sensorbench("record", "convert", "plant.csv", cwd=folder)
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "plant.rec: 2 readings of 2 sensors, 2024-05-01T12:00:00Z to 2024-05-01T12:00:01Z, 4.03 KiB",
        "replay it: sensorbench run -w replay:plant.rec",
    ]
    assert read_recording(folder / "plant.rec").names == ("a", "b")
    again = sensorbench("record", "convert", "plant.csv", cwd=folder)
    assert again.code == 2
    assert again.error_lines == ["sensorbench: plant.rec exists; choose another --out, or replace it with --force"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plant.2024.05.csv", "plant.2024.05.rec"),
        ("plant.2024", "plant.2024.rec"),
        (".hidden.csv", ".hidden.rec"),
        (".csv", ".csv.rec"),
        ("PLANT.CSV", "PLANT.rec"),
    ],
)
def test_the_record_is_called_as_the_recording(name: str, expected: str, folder: Path) -> None:
    (folder / name).write_text(CSV)
    done = sensorbench("record", "convert", name, cwd=folder)
    assert done.code == 0, done.err
    assert done.out.startswith(f"{expected}: 2 readings")
    assert (folder / expected).is_file()


def test_convert_as_json_with_a_sensor_table(folder: Path) -> None:
    (folder / "table.csv").write_text("sensor,gain,offset\na,2,1\n")
    arguments = ["plant.csv", "--out", "p.rec", "--sensors", "table.csv", "--json"]
    done = sensorbench("record", "convert", *arguments, cwd=folder)
    assert done.code == 0, done.err
    assert json.loads(done.out) == {
        "path": "p.rec",
        "bytes": (folder / "p.rec").stat().st_size,
        "readings": 2,
        "sensors": 1,
        "earliest_ns": 1714564800_000000000,
        "latest_ns": 1714564801_000000000,
        "notes": ["1 of 2 recorded sensors are not in the sensor table"],
    }
    assert sensorbench("record", "convert", *arguments, "--force", cwd=folder).code == 0


GERMAN = "# Anlage 7\nZeit;Fühler;Wert;Güte\n12000;Kessel;23,5;1\n13000;Kühler;1e39;1\n"


def test_convert_what_must_be_told(folder: Path) -> None:
    (folder / "anlage.csv").write_text(GERMAN)
    columns = ["--time-column", "Zeit", "--sensor-column", "Fühler", "--value-column", "Wert"]
    done = sensorbench("record", "convert", "anlage.csv", *columns, "--json", cwd=folder)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["latest_ns"] == 13_000 * 10**9
    assert document["notes"][:2] == ["ignored columns: Güte", "values too large for float32, read as infinities: 1"]
    assert "1970" in document["notes"][2]
    assert "--time-unit s, ms, us, ns" in document["notes"][2]
    done = sensorbench("record", "convert", "anlage.csv", *columns, "--time-unit", "ms", "--force", cwd=folder)
    assert done.code == 0, done.err
    recording = read_recording(folder / "anlage.rec")
    assert recording.names == ("Kessel", "Kühler")
    assert recording.readings.time.tolist() == [12 * 10**9, 13 * 10**9]
    assert "ignored columns: Güte" in done.err + done.out
    assert "1970:" not in done.err + done.out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["convert", "plant.csv", "--time-column", "Zeit"],
            "plant.csv: no column 'Zeit' among 'time', 'sensor', 'value'",
        ),
        (["convert", "plant.csv", "--time-unit", "h"], "'h' is not one of 's', 'ms', 'us', 'ns'"),
        (["convert", "."], ".: is a folder; name a file in it"),
        (["convert", "none.csv"], "none.csv: cannot be read (No such file or directory)"),
        (["convert", "plant.csv", "--sensors", "plant.csv"], "plant.csv: no column gain"),
        (["convert", "plant.csv", "--out", "plant.csv", "--force"], "plant.csv is the file to convert"),
        (["convert", "plant.csv", "--out", "none/p.rec"], "cannot be written"),
        (["telemetry", "--rate", "1e9"], "expected 1 to 10000"),
        (["telemetry", "--seconds", "1000h"], "a day"),
        (["telemetry", "--out", "plant.csv"], "plant.csv exists"),
    ],
)
def test_bad_requests_are_one_line(folder: Path, arguments: list[str], expected: str) -> None:
    done = sensorbench("record", *arguments, cwd=folder)
    assert done.code == 2
    assert done.out == ""
    assert len(done.error_lines) == 1
    assert expected in done.err
    assert sorted(path.name for path in folder.iterdir() if path.name != "cache") == ["plant.csv"]
    assert (folder / "plant.csv").read_text() == CSV


def test_telemetry_into_the_cache(folder: Path) -> None:
    done = sensorbench("record", "telemetry", "--seconds", "0.3", cwd=folder)
    assert done.code == 0, done.err
    assert done.out.splitlines()[1] == "replay it: sensorbench run -w telemetry"
    assert len(list((folder / "cache").glob("*.rec"))) == 1


def test_telemetry_as_json(folder: Path) -> None:
    arguments = ["--seconds", "300ms", "--rate", "50", "--max-sensors", "60", "--out", "t.rec", "--json"]
    done = sensorbench("record", "telemetry", *arguments, cwd=folder)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["asked_per_s"] == 50
    assert document["sensors"] <= 60
    assert document["readings"] == len(read_recording(folder / "t.rec"))
    assert document["rounds"] + document["missed_rounds"] == 15


def wait_until_counters_are_open(pid: int) -> None:
    """Return once the process has a file of /proc open; where there is no /proc, after some seconds."""
    deadline = time.monotonic() + (20 if Path("/proc/self/fd").exists() else 3)
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if any(path.readlink() == Path("/proc/stat") for path in Path(f"/proc/{pid}/fd").iterdir()):
                return
        time.sleep(0.05)


def test_ctrl_c_keeps_what_was_recorded(folder: Path) -> None:
    code = "from harness.cli import main; main()"
    arguments = ["record", "telemetry", "--seconds", "30", "--out", str(folder / "t.rec")]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True)
    wait_until_counters_are_open(process.pid)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert len(read_recording(folder / "t.rec")) > 0
    assert not list(folder.glob(".*partial"))
