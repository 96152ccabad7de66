"""A run as a user sees it, on real implementations: cells, exit codes, a variant made by `new`, a planted error."""

import json
import shutil
from pathlib import Path

import pytest
from commands import sensorbench

ROOT = Path(__file__).parents[2]
TINY = ("--quick", "-w", "steady", "--size", "tiny")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    outcome = sensorbench("run", *TINY, "-p", "naive", "-p", "sorted_indexed", "--out", folder)
    assert outcome.code == 0, outcome.err
    return folder


def test_cells_are_verified_and_timed(run: Path) -> None:
    summary = json.loads(sensorbench("report", run, "--format", "json").out)
    cells = {cell["implementation"]: cell for cell in summary["cells"]}
    assert set(cells) == {"naive", "sorted_indexed"}
    for cell in cells.values():
        assert cell["status"] == "ok"
        assert cell["verified"]
        assert cell["throughput"]["low"] <= cell["throughput"]["median"] <= cell["throughput"]["high"]
        assert cell["memory"]["peak_bytes"] > 0
    assert cells["sorted_indexed"]["speedup"]["baseline"] == "naive"
    assert cells["naive"]["speedup"] is None


def test_the_report_is_written(run: Path) -> None:
    assert (run / "report.html").stat().st_size > 10_000
    assert "sorted_indexed" in (run / "report.md").read_text()


def test_a_finished_run_resumes_to_nothing(run: Path) -> None:
    before = (run / "cells.jsonl").read_bytes()
    outcome = sensorbench("run", "--resume", "--out", run)
    assert outcome.code == 0, outcome.err
    assert (run / "cells.jsonl").read_bytes() == before


def _on_a_copy(run: Path, folder: Path, **software: object) -> Path:
    """`run` in `folder`, its last cell cut off, as if it had begun with other `software`."""
    shutil.copytree(run, folder)
    lines = (folder / "cells.jsonl").read_text().splitlines(keepends=True)
    (folder / "cells.jsonl").write_text("".join(lines[: max(i for i, x in enumerate(lines) if '"kind":"cell"' in x)]))
    manifest = json.loads((folder / "run.json").read_text())
    manifest["environment"]["software"] |= software
    del manifest["sessions"]  # as earlier versions wrote it
    (folder / "run.json").write_text(json.dumps(manifest))
    return folder


def test_another_machine_does_not_go_on_with_a_run(run: Path, tmp_path: Path) -> None:
    there = _on_a_copy(run, tmp_path / "run")
    manifest = json.loads((there / "run.json").read_text())
    manifest["environment"]["cpu"]["model"] = "Imaginary 9000"
    (there / "run.json").write_text(json.dumps(manifest))
    before = {path.name: path.read_bytes() for path in there.iterdir()}
    outcome = sensorbench("run", "--resume", "--out", there)
    assert outcome.code == 2
    (line,) = outcome.error_lines
    assert "measured on another machine (CPU model: Imaginary 9000 and " in line
    assert line.endswith("go on with it there, or begin a new run here")
    assert {path.name: path.read_bytes() for path in there.iterdir()} == before


def test_what_was_made_in_two_sessions_says_so(run: Path, tmp_path: Path) -> None:
    there = _on_a_copy(run, tmp_path / "run", commit="0123abc", dirty=True)
    outcome = sensorbench("run", "--resume", "--out", there)
    assert outcome.code == 0, outcome.err
    first, second = json.loads((there / "run.json").read_text())["sessions"]
    assert (first["commit"], first["dirty"]) == ("0123abc", True)
    assert second["started"] >= first["started"]
    assert any(line.startswith("commit: 0123abc and ") for line in second["differs"])
    text = (there / "report.md").read_text()
    assert "2 sessions, not all with the same code" in text
    assert "commit 0123abc, with uncommitted changes" in text
    sensorbench("run", "--resume", "--out", there)
    assert len(json.loads((there / "run.json").read_text())["sessions"]) == 2, "nothing was measured in a third"


def test_timed_calls_were_checked(run: Path) -> None:
    for line in (run / "cells.jsonl").read_text().splitlines()[1:]:
        record = json.loads(line[line.index("{") :])
        if record["kind"] == "cell":
            assert record["proof"]["timed_calls_checked"] >= record["throughput"]["pairs"]


@pytest.mark.parametrize("kind", ["composed", "direct"])
def test_a_new_variant_is_right_at_once(kind: str, tmp_path: Path) -> None:
    assert sensorbench("new", "mine", "--kind", kind, "--folder", tmp_path).code == 0
    outcome = sensorbench("verify", "-p", tmp_path / "mine.py", "-w", "steady", "-w", "dirty", "--size", "tiny")
    assert outcome.code == 0, outcome.out + outcome.err


def test_an_output_moved_by_4_ulp_is_wrong_and_gets_no_rank(tmp_path: Path) -> None:
    sensorbench("new", "moved", "--folder", tmp_path)
    path = tmp_path / "moved.py"
    text = path.read_text()
    assert "        return calibrated\n" in text
    planted = """        if len(calibrated) > 7:
            for _ in range(4):
                calibrated[7] = np.nextafter(calibrated[7], np.float32(np.inf))
        return calibrated
"""
    path.write_text(text.replace("        return calibrated\n", planted))
    outcome = sensorbench("run", *TINY, "-p", path, "-p", "naive", "--out", tmp_path / "run")
    assert outcome.code == 1
    summary = json.loads(sensorbench("report", tmp_path / "run", "--format", "json").out)
    cell = next(cell for cell in summary["cells"] if cell["implementation"] == "moved")
    assert cell["status"] == "wrong"
    assert not cell["verified"]
    assert cell["throughput"] is None
    assert cell["speedup"] is None
    assert "position 7" in cell["reason"]
    assert "4" in cell["reason"]
    assert "ULP" in cell["reason"]


def test_it_ends_with_who_is_fastest(run: Path) -> None:
    shown = sensorbench("run", "--resume", "--out", run)
    lines = shown.out.splitlines()
    assert lines[-1] == str(run)
    assert any(line.startswith("1  sorted_indexed") and "x naive" in line for line in lines)
    assert any(line.startswith("2  naive") for line in lines)
    assert "No verdict: fewer than 1,000 readings a window" in shown.out, "so small that nobody is named"
    document = sensorbench("run", "--resume", "--out", run, "--json")
    json.loads(document.out)
    assert "sorted_indexed" in document.err
