"""Memory against what is retained, for real and small: slopes, points that do not count, the report."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from harness.discovery import find
from harness.measure.processes.handle import Limits
from harness.optimize import allocating
from harness.optimize.retention import Question, carry_out

SCHEMA = Path(__file__).parents[2] / "docs" / "summary.schema.json"
SABOTEURS = Path(__file__).parents[1] / "saboteurs"

FORGETS_WHEN_MUCH_IS_RETAINED = '''
from harness.contract import History, Sensors
from harness.control import Control


class Forgets(Control):
    """Retains half of what it was to once that is much: right wherever it is proved."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain if retain <= 60_000 else retain // 2)
'''


def test_slopes_of_a_ring_and_of_a_packed_history() -> None:
    question = Question((find("processors", "ring_buffer"), find("processors", "bit_packed")), "steady",
                        (100_000, 300_000, 800_000))  # fmt: skip
    (record,) = carry_out(question, Limits(), lambda *_: None)
    ring, packed = record["curves"]
    assert ring["fit"]["bytes_per_reading"]["median"] == pytest.approx(16, abs=0.7)
    assert 4 < packed["fit"]["bytes_per_reading"]["median"] <= 8.2
    assert packed["points"][-1]["facts"]["blocks_with_plain_times"] == 0
    assert all(curve["checks"] > 0 and not curve["left_out"] for curve in record["curves"])


def test_a_point_that_retains_the_wrong_readings_has_no_figure(tmp_path: Path) -> None:
    """Proved on what is small, and wrong where much is retained: the point is left out and says why."""
    path = tmp_path / "forgets.py"
    path.write_text(FORGETS_WHEN_MUCH_IS_RETAINED)
    entries = (find("processors", str(path)), find("processors", str(SABOTEURS / "four_ulp_off.py")))
    (record,) = carry_out(Question(entries, "steady", (20_000, 40_000, 70_000, 80_000)), Limits(), lambda *_: None)
    forgets, wrong = record["curves"]
    assert [point["retain"] for point in forgets["points"]] == [20_000, 40_000]
    assert forgets["left_out"][0]["reason"].startswith("wrong: history_counted")
    assert forgets["left_out"][1] == {"retain": 80_000, "reason": "not tried: left out at 70,000 already"}
    assert forgets["fit"] is None
    assert wrong["points"] == []
    assert wrong["left_out"][0]["reason"].startswith("wrong: ")


def test_the_command_its_store_and_its_report(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-c", "from harness.cli import main; main()", "memory", "-p", "hash_indexed"]
    command += ["--retain", "1e3,1e4,2e4", "--no-allocating", "--out", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)
    assert [point["retain"] for point in record["curves"][0]["points"]] == [1_000, 10_000, 20_000]
    from reports.document import document
    from reports.load import load
    from reports.sections.retention import build

    summary = document(load(folder))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(summary)
    (found,) = summary["retention"]
    assert (found["implementation"], found["workload"], found["verified"]) == ("hash_indexed", "steady", True)
    assert found["points"][-1]["peak_bytes"] == record["curves"][0]["points"][-1]["peak_bytes"]
    assert found["bytes_per_reading"] == record["curves"][0]["fit"]["bytes_per_reading"]
    section = build(load(folder))
    assert section is not None
    figure = section.blocks[1].blocks[0]  # type: ignore[union-attr]
    assert figure.draw(880).startswith("<svg")  # type: ignore[union-attr]
    assert figure.draw(360).startswith("<svg")  # type: ignore[union-attr]


def test_buffers_are_timed_in_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocating, "_PROCESSES", 2)
    monkeypatch.setattr(allocating, "_REPEATS", 3)
    (record,) = allocating.carry_out(Limits(), 1, lambda *_: None)
    ways = {(way["way"], way["pattern"]): way for way in record["ways"]}
    assert {way for way, _ in ways} == {"fresh", "pool", "pool, cleared", *allocating.SOURCES}
    assert all(len(way["ns"]) == 2 and min(way["ns"]) > 0 for way in ways.values())
    assert ways["fresh", "singly"]["speed_up"] is None
    assert ways["pool", "singly"]["speed_up"]["median"] > 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--retain", "1,2"], "at least three"),
        (["--retain", "0,1,2"], "1 or more"),
        (["--run", "/none"], "holds no run"),
    ],
)
def test_what_makes_no_sense_is_one_line(options: list[str], said: str) -> None:
    command = [sys.executable, "-c", "from harness.cli import main; main()", "memory", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
