"""A stored run is named the same way everywhere: its folder, or its name in results/."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from report_run import write_run

from harness.errors import UsageError

MADE_BY_RUN = {"baselines": ["naive"]}
MADE_BY_ANOTHER: dict[str, list[str]] = {"baselines": []}


def sensorbench(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from harness.entry import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=120)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write_run(tmp_path / "results" / "one")
    shutil.copytree(tmp_path / "results" / "one", tmp_path / "elsewhere" / "one")
    return tmp_path / "results"


def say_in_manifest(folder: Path, **values: object) -> None:
    manifest = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(manifest | values))


@pytest.mark.parametrize("words", [("report", "one"), ("decide", "--run", "one"), ("compare", "one", "elsewhere/one")])
def test_by_its_name_in_results(words: tuple[str, ...], results: Path) -> None:
    done = sensorbench(*words, cwd=results.parent)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    assert "one" in done.stdout


def test_two_runs_of_one_name_are_told_apart_by_their_folders(results: Path) -> None:
    done = sensorbench("compare", "one", "elsewhere/one", cwd=results.parent)
    assert "`results/one` → `elsewhere/one`" in done.stdout


def test_an_implementation_is_not_mistaken_for_a_run_of_its_name(results: Path) -> None:
    (results / "one").rename(results / "simd")
    done = sensorbench("compare", "simd", "elsewhere/one", cwd=results.parent)
    assert done.returncode == 2
    assert "one is a run, the other is not" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("ablate",), ("gpu",), ("memory",), ("scale",), ("channels",), ("profile", "simd"),
        ("latency", "--rate", "1000"), ("capacity", "--slo", "p99=1s"),
    ],
)  # fmt: skip
def test_where_results_go_is_settled_before_anything_is_measured(
    words: tuple[str, ...], results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(results.parent)
    command = importlib.import_module(f"harness.cli.{words[0]}").command
    with pytest.raises(UsageError, match="--run and --out exclude each other"):
        command.main([*words[1:], "--run", "one", "--out", "new"], standalone_mode=False)
    with pytest.raises(UsageError, match="no-such: holds no run"):
        command.main([*words[1:], "--run", "no-such"], standalone_mode=False)


def test_only_what_run_made_is_resumed(results: Path) -> None:
    say_in_manifest(results / "one", plan=MADE_BY_ANOTHER)
    newest = sensorbench("run", "--resume", cwd=results.parent)
    assert (newest.returncode, "results: holds no run" in newest.stderr) == (2, True)
    named = sensorbench("run", "--resume", "--out", "results/one", cwd=results.parent)
    assert (named.returncode, "not made by 'sensorbench run'" in named.stderr) == (2, True)
    say_in_manifest(results / "one", plan=MADE_BY_RUN)
    assert "holds no run" not in sensorbench("run", "--resume", cwd=results.parent).stderr


@pytest.mark.parametrize(("plan", "is_told"), [(MADE_BY_RUN, True), (MADE_BY_ANOTHER, False)])
def test_only_what_run_made_is_called_unfinished(plan: dict[str, list[str]], is_told: bool, results: Path) -> None:
    say_in_manifest(results / "one", plan=plan | {"subjects": [{"name": "simd", "reference": "x"}]}, finished=None)
    done = sensorbench("report", "one", "--format", "md", cwd=results.parent)
    assert done.returncode == 0, done.stderr
    assert ("This run is not finished" in (results / "one" / "report.md").read_text()) is is_told


def test_what_a_manifest_lost_is_named(results: Path) -> None:
    (results / "one" / "run.json").write_text("{}")
    done = sensorbench("report", "one", "--format", "md", cwd=results.parent)
    assert "damaged: run.json: lost are level, environment, plan" in done.stderr
    assert "lost are level, environment, plan" in (results / "one" / "report.md").read_text()
