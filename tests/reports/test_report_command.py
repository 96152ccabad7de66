"""``sensorbench report`` as a user meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from report_run import write_run

from harness.store import CELLS_NAME


def report(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = "from harness.cli import main; main()"
    command = [sys.executable, "-c", code, "report", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "results" / "one")


def test_the_newest_run_as_html_by_default(folder: Path, tmp_path: Path) -> None:
    done = report(cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "results/one/report.html\n", "")
    assert (folder / "report.html").stat().st_size > 50_000


def test_json_alone_is_all_of_standard_output(folder: Path, tmp_path: Path) -> None:
    done = report("one", "--format", "json,md,json", cwd=tmp_path)
    assert json.loads(done.stdout)["cells"]
    assert done.stderr == "results/one/report.md\n"
    assert json.loads(report("--json", cwd=tmp_path).stdout) == json.loads(done.stdout)
    assert not (folder / "summary.json").exists()


def test_everything_into_another_folder(folder: Path, tmp_path: Path) -> None:
    done = report(str(folder), "--format", " html, MD,json,csv,parquet", "--out", "deep/er", cwd=tmp_path)
    assert done.returncode == 0
    names = {"report.html", "report.md", "summary.json", "cells.csv", "cells.parquet"}
    assert {path.name for path in (tmp_path / "deep/er").iterdir()} == names
    assert {Path(line).name for line in done.stdout.split()} == names


def test_a_section_that_fails_is_named_and_the_rest_reported(folder: Path, tmp_path: Path) -> None:
    code = (
        "import reports.sections.environment as section\n"
        "def fail(run): raise RuntimeError('no\\nsuch thing')\n"
        "section.build = fail\n"
        "from harness.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "report", "one", "--format", "html,md"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert done.stderr == "Environment could not be told: RuntimeError: no such thing\n"
    assert len(done.stdout.split()) == 2
    assert "Environment could not be told" in (folder / "report.md").read_text()


def test_damage_is_named_and_the_rest_reported(folder: Path, tmp_path: Path) -> None:
    path = folder / CELLS_NAME
    path.write_bytes(path.read_bytes()[:-9])
    done = report("--format", "md", cwd=tmp_path)
    assert done.returncode == 0
    assert "cut off" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["missing"], "missing: does not exist; expected the folder of a run"),
        (["--format", "htm"], "no such format 'htm'; did you mean 'html'?"),
        (["--format", ","], "names no format"),
        (["--format", "pdf"], "there are html, md, json, csv, parquet"),
        (["--json", "--format", "md"], "exclude each other"),
        (["--out", "a-file"], "cannot be written"),
    ],
)
def test_errors_are_one_line_with_exit_code_two(
    folder: Path, tmp_path: Path, arguments: list[str], expected: str
) -> None:
    (tmp_path / "a-file").write_text("in the way")
    done = report(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_no_run_at_all(tmp_path: Path) -> None:
    done = report(cwd=tmp_path)
    assert done.returncode == 2
    assert "sensorbench run" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(folder: Path, tmp_path: Path) -> None:
    folder.chmod(0o500)
    try:
        done = report(cwd=tmp_path)
    finally:
        folder.chmod(0o700)
    assert done.returncode == 2
    assert "--out" in done.stderr
