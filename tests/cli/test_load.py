"""latency and capacity as commands: proved first, stored as it goes, told as a document; interrupted with all kept."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
from commands import sensorbench

from harness.store import read

ROOT = Path(__file__).parents[2]
SABOTEURS = ROOT / "tests" / "saboteurs"
SCHEMA = json.loads((ROOT / "docs" / "summary.schema.json").read_text())


def _stored(folder: Path, kind: str) -> list[Any]:
    return list(read(folder).records(kind))


def test_latency_is_stored_by_load_and_told_as_a_summary(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    arguments = ("-p", "simd", "--size", "tiny", "--seconds", "0.4", "--repeat", "1", "--json")
    outcome = sensorbench("latency", *arguments, "--rate", "1e4,1e5", "--interval", "10ms", "--out", folder)
    plain = sensorbench("latency", *arguments, "--rate", "1e5", "--run", folder)
    loads = _stored(folder, "load")
    assert [(load["offered_per_s"], load["interval_s"]) for load in loads] == [(1e4, 0.01), (1e5, 0.01), (1e5, None)]
    for load in loads:
        assert load["latency"]["details"]["values_checked"] > 0
        assert load["latency"]["details"]["repetitions"][0]["readings"] == load["offered_per_s"] * 0.4
    assert outcome.code == int(not all(load["latency"]["valid"] for load in loads[:2]))
    assert plain.code == int(not loads[2]["latency"]["valid"])
    assert "about" in plain.err
    assert "left" in plain.err
    summary = json.loads(plain.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(summary)
    (cell,) = summary["cells"]
    assert cell["verified"]
    assert cell["proof"]["checks"] > 30
    if loads[2]["latency"]["valid"]:
        assert cell["latency"]["offered_per_s"] == 1e5
        assert cell["latency"]["p99_s"] == loads[2]["latency"]["p99_s"]
    assert sensorbench("report", folder, "--format", "md").code == 0


def test_what_is_not_right_is_not_put_under_load(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    wrong = SABOTEURS / "sums_in_float32.py"
    outcome = sensorbench("latency", "-p", wrong, "--size", "tiny", "--seconds", "0.4", "--out", folder)
    assert outcome.code == 1
    assert "wrong" in outcome.err
    assert _stored(folder, "load") == []
    (cell,) = _stored(folder, "cell")
    assert cell["status"] == "wrong"
    assert cell["latency"] is None


def test_what_goes_wrong_under_load_is_found_there(tmp_path: Path) -> None:
    """The proof on so small a stream ends before it begins to cheat; one of the windows under load does not."""
    folder = tmp_path / "run"
    later = SABOTEURS / "wrong_later.py"
    for turn in range(3):  # the window is chosen by chance: nearly always it is one after the change
        arguments = ("-p", later, "--size", "tiny", "--rate", "1e5", "--seconds", "1", "--repeat", "3")
        outcome = sensorbench("latency", *arguments, "--out", f"{folder}{turn}")
        assert outcome.code == 1
        reasons = [load["reason"] or "" for load in _stored(Path(f"{folder}{turn}"), "load")]
        if any("wrong under load: values_calibrated" in reason for reason in reasons):
            return
    raise AssertionError(reasons)


def test_capacity_keeps_the_evidence_of_every_step(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    arguments = ("-p", "hash_indexed", "--size", "tiny", "--seconds", "0.3", "--repeat", "1", "--slo", "p99=1s")
    outcome = sensorbench("capacity", *arguments, "--json", "--out", folder)
    cells = _stored(folder, "cell")
    assert len(cells) == 2, "proved first, then with its capacity"
    assert cells[0]["capacity"] is None
    capacity = cells[1]["capacity"]
    steps = capacity["details"]["steps"]
    assert steps
    assert all(step["repetitions"] and len(step["faults"]) == len(step["repetitions"]) for step in steps)
    held = [step["offered_per_s"] for step in steps if step["sustained"]]
    assert capacity["per_s"] == (max(held) if held else None)
    summary = json.loads(outcome.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(summary)
    found = summary["cells"][0]["capacity"]
    assert found is None if not held else found == {"per_s": max(held), "slo_percentile": 99.0, "slo_s": 1.0}
    assert outcome.code == int(not held)


def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-c", "from harness.cli import main; main()", "latency", "-p", "hash_indexed"]
    command += ["--size", "tiny", "--rate", "1e4,2e4,3e4", "--seconds", "0.5", "--repeat", "1", "--out", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s and process.poll() is None:
        if (folder / "run.json").exists() and _stored(folder, "load"):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert f"what was stored is kept in {folder}; go on with: sensorbench " in said
    assert "latency -p hash_indexed" in said
    assert said.count("--out") == 1, "the folder was named, and is named once"
    assert "Traceback" not in said
    kept = read(folder)
    assert not kept.damage
    assert 1 <= len(list(kept.records("load"))) < 3
    assert sensorbench("report", folder, "--format", "md").code == 0
