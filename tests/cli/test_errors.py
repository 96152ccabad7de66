"""Whatever is wrong with what was asked: one line that says what, where and what to do; exit code 2; no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import sensorbench


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "-p", "hash_index", "-w", "steady"], "did you mean 'hash_indexed'"),
        (["run", "-w", "stead"], "did you mean 'steady'"),
        (["run", "-p", "simd[blocksize=5]"], "block_size"),
        (["run", "-p", "simd[nonsense]"], "name=value"),
        (["run", "-p", "simd["], "a ] is missing"),
        (["run", "-w", "replay"], "needs a file"),
        (["run", "-w", "steady:file.csv"], "takes no file"),
        (["run", "-w", "replay:/no/such/file.csv"], "/no/such/file.csv"),
        (["run", "-p", "./missing.py"], "missing.py"),
        (["run", "--size", "gigantic"], "gigantic"),
        (["run", "--threads", "0"], "0"),
        (["run", "--memory", "-5"], "-5"),
        (["run", "--memory", "lots"], "64MiB"),
        (["run", "--quick", "--rigorous"], "exclude each other"),
        (["verify", "-p", "nothing_like_this"], "nothing_like_this"),
        (["report", "/no/such/run"], "/no/such/run"),
        (["compare", "/no/such/run", "simd"], "/no/such/run"),
        (["new", "Bad-Name"], "Bad-Name"),
        (["new", "naive"], "taken"),
        (["new", "statistics"], "which the file needs for another; choose another name, as in my_statistics"),
        (["new", "log_range", "--kind", "composed"], "choose another name, as in my_log_range"),
        (["new", "none"], "choose another name, as in my_none"),
        (["run", "--memory", "0,5GiB"], "a comma stands between thousands alone"),
        (["run", "--memory", "1e400"], "'1e400' is too large for an amount of memory"),
        (["latency", "--seconds", "1,5"], "a comma stands between thousands alone"),
        (["latency", "--rate", "0"], "not a rate above 0"),
        (["latency", "--rate", "-1e6"], "not a rate above 0"),
        (["latency", "--rate", "1e13"], "not a rate above 0"),
        (["latency", "--rate", "1e6,fast"], "write it like 1e6"),
        (["latency", "-p", "naive", "--rate", "1e12"], "change the rate or the seconds"),
        (["latency", "-p", "naive", "--rate", "0.1", "--seconds", "1"], "change the rate or the seconds"),
        (["latency", "--seconds", "0"], "not a duration above zero"),
        (["latency", "--repeat", "0"], "0"),
        (["latency", "--interval", "1ms,never"], "write it like 100ms"),
        (["latency", "-p", "naive", "--interval", "100ms", "--seconds", "1"], "give --seconds 2 or more"),
        (["latency", "--arrivals", "tidal"], "tidal"),
        (["latency", "-w", "stead"], "did you mean 'steady'"),
        (["latency", "-p", "simd[blocksize=5]"], "block_size"),
        (["latency", "-p", "naive", "--run", "/no/such/run"], "holds no run"),
        (["latency", "--run", "a", "--out", "b"], "exclude each other"),
        (["capacity", "--slo", "p98=100ms"], "expected a percentile (p50, p99, p99.9, max)"),
        (["capacity", "--slo", "100ms"], "as in p99=100ms"),
        (["capacity", "--slo", "p99=0"], "not a duration above zero"),
        (["capacity", "--slo", "p99=soon"], "write it like 100ms"),
        (["capacity", "-p", "nothing_like_this"], "nothing_like_this"),
        (["compare", "simd", "simd"], "with itself"),
        (["lsit"], "did you mean 'list'"),
        (["run", "--quik"], "Did you mean '--quick'"),
        (["compare", "simd", "naive", "--threshold", "5"], "5%"),
        (["verify", "-p", "naive", "-w", "steady", "--sensors", "table.csv"], "a sensor table is for a recording"),
        (["latency", "-p", "naive", "-w", "steady", "--sensors", "table.csv"], "a sensor table is for a recording"),
        (["capacity", "-p", "naive", "--sensors", "table.csv"], "a sensor table is for a recording"),
        (["ablate", "--quick", "--rigorous"], "exclude each other"),
        (["compare", "simd", "naive", "--quick", "--rigorous"], "exclude each other"),
        (["compare", "simd", "naive", "--allow-unlike"], "leave out --allow-unlike"),
        (["run", "--quick", "--allow-unlike"], "leave out --allow-unlike"),
    ],
)
def test_one_line_and_exit_code_2(arguments: list[str], said: str, tmp_path: Path) -> None:
    outcome = sensorbench(*arguments, cwd=tmp_path)
    assert outcome.code == 2, outcome.err
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert len(outcome.error_lines) == 1, outcome.err
    assert not list(tmp_path.iterdir()), "a refused command leaves nothing behind"


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "-p", "simd", "-p", "simd.py", "-w", "steady"],
        ["run", "-p", "simd.py", "--baseline", "simd", "-w", "steady"],
        ["compare", "simd", "simd.py"],
    ],
)
def test_two_of_one_name_are_refused(arguments: list[str], tmp_path: Path) -> None:
    """Else the one would be timed on the proof of the other."""
    (tmp_path / "simd.py").write_text("")
    outcome = sensorbench(*arguments, cwd=tmp_path)
    assert outcome.code == 2
    assert len(outcome.error_lines) == 1
    assert "two are called 'simd'" in outcome.err
    assert "rename one" in outcome.err


def test_a_run_is_not_compared_with_itself(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    outcome = sensorbench("compare", tmp_path, tmp_path / ".")
    assert outcome.code == 2
    assert "one and the same run" in outcome.err


@pytest.mark.parametrize(
    "options", [["--workload", "steady"], ["--size", "tiny"], ["--threads", "1"], ["--quick"], ["--rigorous"]]
)
def test_stored_runs_are_not_measured_again(options: list[str], tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}")
    outcome = sensorbench("compare", "a", "b", *options, cwd=tmp_path)
    assert outcome.code == 2
    assert len(outcome.error_lines) == 1
    assert f"leave out {options[0]}" in outcome.err


def test_a_folder_that_holds_a_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "cells.jsonl").write_text("")
    (tmp_path / "run" / "run.json").write_text("{}")
    outcome = sensorbench("run", "--quick", "-w", "steady", "-p", "naive", "--size", "tiny", "--out", tmp_path / "run")
    assert outcome.code == 2
    assert "holds a run already" in outcome.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    outcome = sensorbench("run", "--quick", "-p", "naive", "-w", "steady", "--size", "tiny", "--out", tmp_path / "run")
    assert outcome.code == 2
    assert str(tmp_path) in outcome.err


def test_an_output_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("mine")
    outcome = sensorbench("run", "--quick", "-p", "naive", "-w", "steady", "--size", "tiny", "--out", target)
    assert outcome.code == 2
    assert str(target) in outcome.err
    assert target.read_text() == "mine"


def test_a_variant_that_cannot_be_imported_is_named_in_its_cell(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import no_such_library\n")
    outcome = sensorbench("run", "--quick", "-p", broken, "-w", "steady", "--size", "tiny", "--out", tmp_path / "run")
    assert outcome.code == 1
    assert "no_such_library" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("redirection", ["| head -n 1", ">&-", "> /dev/null 2>&-", "<&-"])
def test_nobody_has_to_read_the_answer(redirection: str) -> None:
    command = f'"{sys.executable}" -c "from harness.entry import main; main()" list --json'
    done = subprocess.run(f"{command} {redirection}", shell=True, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_answer_that_cannot_be_written(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", "from harness.entry import main; main()", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr
