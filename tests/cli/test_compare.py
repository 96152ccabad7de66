"""compare as a command: what its arguments may be, which size it takes, how it says what it found."""

import json
from pathlib import Path

import pytest
from commands import sensorbench

from harness.cli._compare_live import moved
from harness.run.inputs import Inputs
from harness.store import Store

RECORDING = "time,sensor,value\n" + "".join(f"{second},{second % 7},{second / 4}\n" for second in range(3_000))


def test_a_recording_has_its_own_size(tmp_path: Path) -> None:
    path = tmp_path / "plant.csv"
    path.write_text(RECORDING)
    with Inputs() as inputs:
        assert inputs.size(f"replay:{path}", None).readings == 3_000
    outcome = sensorbench("compare", "hash_indexed", "sorted_indexed", "-w", f"replay:{path}", "--quick", "--json")
    assert outcome.code == 0, outcome.err
    (row,) = json.loads(outcome.out)
    assert (row["size"], row["readings"]) == ("recording", 3_000)
    assert "sorted_indexed against hash_indexed on replay:plant.csv at recording, 3,000 readings" in outcome.err
    assert "replay:plant.csv at recording: proving sorted_indexed" in outcome.err


@pytest.mark.parametrize("text", ["results/befroe", "befroe", "/no/such/run"])
def test_what_is_neither_is_said_to_be_neither(text: str, tmp_path: Path) -> None:
    outcome = sensorbench("compare", text, "simd", cwd=tmp_path)
    assert outcome.code == 2
    assert f"{text} is neither a run (no such folder, here or in results/) nor an implementation" in outcome.err


def test_a_run_without_a_cell_is_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with Store.create(tmp_path / name):
            pass
        (tmp_path / name / "run.json").write_text(json.dumps({"run": name}))
    outcome = sensorbench("compare", "a", "b", cwd=tmp_path)
    assert outcome.code == 2
    assert "a: holds no cell to compare" in outcome.err


def test_large_ratios_are_multiples() -> None:
    assert [moved(ratio) for ratio in (1.0, 1.99, 2.0, 62.617, 0.51, 0.02)] == [
        "+0.0%", "+99.0%", "2.00 times", "62.6 times", "-49.0%", "1/50.0",
    ]  # fmt: skip
