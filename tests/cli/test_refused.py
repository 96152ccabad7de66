"""What cannot be measured is refused in one line with exit code 2, however plausible it looks."""

import subprocess
import sys
from pathlib import Path

import pytest

START = (sys.executable, "-c", "from harness.entry import main; main()")
LONG = "time,sensor,value\n1,a,2.5\n2,b,3.5\n3,a,4.5\n"
WORKLOAD = '''
"""A workload of one's own."""
from workloads.steady import Steady as Base
class Own(Base):
    """One."""
    def readings(self, size):
        {readings}
        yield from super().readings(size)
    def size(self, name):
        return {size}
'''
PROCESSOR = '''
"""A variant of one's own."""
from harness.control import Control
class Own(Control):
    """One."""
    {body}
'''


def command(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*START, *words], capture_output=True, text=True, cwd=folder, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.csv").write_text(LONG)
    (tmp_path / "fails.py").write_text(WORKLOAD.format(readings="raise RuntimeError('no')", size="super().size(name)"))
    (tmp_path / "ends.py").write_text(WORKLOAD.format(readings="raise SystemExit(0)", size="super().size(name)"))
    (tmp_path / "sized.py").write_text(WORKLOAD.format(readings="pass", size="5"))
    (tmp_path / "quits.py").write_text("import sys; sys.exit(0)")
    (tmp_path / "typed.py").write_text(
        PROCESSOR.format(body="def __init__(self, on: bool = False, share: float = 0.5, size: int = 3): pass")
    )
    (tmp_path / "threads.py").write_text(PROCESSOR.format(body="threads = 'three'"))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("verify", "-p", "simd", "-w", "replay:a/x.csv", "-w", "replay:b/x.csv"), "two workloads are called"),
        (("run", "--quick", "-w", "replay:a/x.csv", "-w", "replay:b/x.csv"), "two workloads are called"),
        (("latency", "-p", "simd", "-w", "replay:a/x.csv", "-w", "replay:b/x.csv"), "two workloads are called"),
        (("memory", "-p", "simd", "-w", "replay:a/x.csv", "-w", "replay:b/x.csv"), "two workloads are called"),
        (("verify", "-p", "simd", "-w", "quits.py"), "quits.py cannot be imported: SystemExit: 0"),
        (("verify", "-p", "simd", "-w", "sized.py"), "workload sized: size('small') is int; expected a Size"),
        (("ablate", "--quick", "--sensors", "50", "-w", "replay:a/x.csv"), "has 2 sensors whatever is asked for"),
        (("scale", "-w", "replay:a/x.csv"), "has 2 sensors whatever is asked for"),
        (("verify", "-p", "simd", "-w", "replay:/dev/null"), "/dev/null: no regular file"),
        (("verify", "-w", "steady", "-p", "./typed.py[on=no]"), "expected true or false"),
        (("verify", "-w", "steady", "-p", "./typed.py[share=nan]"), "expected a number"),
        (("verify", "-w", "steady", "-p", "./typed.py[share=NaN]"), "expected a number"),
        (("verify", "-w", "steady", "-p", "./typed.py[size=2.5]"), "expected a whole number"),
        (("verify", "-w", "steady", "-p", "./typed.py[size=2,size=3]"), "size is given twice"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_it_is_said_in_a_line(words: tuple[str, ...], said: str, folder: Path) -> None:
    done = command(folder, *words)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert not list(folder.glob("results/*"))


@pytest.mark.parametrize(
    ("workload", "said"),
    [("fails.py", "RuntimeError at fails.py:7: no"), ("ends.py", "SystemExit at ends.py:7: 0")],
)
def test_a_workload_that_fails_is_a_failed_cell_of_its_own(workload: str, said: str, folder: Path) -> None:
    done = command(folder, "verify", "-p", "hash_indexed", "-w", workload, "-w", "trickle")
    assert done.returncode == 1
    assert said in done.stdout
    assert "verified  hash_indexed on trickle" in done.stdout


def test_threads_that_mean_nothing_are_a_failed_cell(folder: Path) -> None:
    done = command(folder, "verify", "-p", "threads.py", "-w", "trickle")
    assert done.returncode == 1
    assert 'expected threads "one" or "many"' in done.stdout


def test_one_workload_twice_is_proved_once(folder: Path) -> None:
    done = command(folder, "verify", "-p", "hash_indexed", "-w", "trickle", "-w", "trickle")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("verified  hash_indexed") == 1


def test_a_run_goes_on_only_with_what_it_began_with(folder: Path) -> None:
    run = ("run", "--quick", "-p", "sorted_indexed", "-p", "hash_indexed", "-w", "replay:a/x.csv", "--out", "run")
    assert command(folder, *run).returncode == 0
    also = command(folder, "run", "--resume", "--out", "run", "-p", "simd", "--size", "tiny")
    assert also.returncode == 2
    assert "leave out --processor, --size" in also.stderr
    cells = folder / "run" / "cells.jsonl"
    lines = cells.read_text().splitlines(keepends=True)
    last = max(place for place, line in enumerate(lines) if '"kind":"cell"' in line)
    cells.write_text("".join(lines[:last]))
    (folder / "a" / "x.csv").write_text(LONG.replace("4.5", "5.5"))
    changed = command(folder, "run", "--resume", "--out", "run")
    assert changed.returncode == 2
    assert "replay:x.csv is not what it was when this run began" in changed.stderr
    (folder / "a" / "x.csv").write_text(LONG)
    elsewhere = command(folder / "b", "run", "--resume", "--out", "../run")
    assert elsewhere.returncode == 0, elsewhere.stderr
    lines[last] = lines[last].replace('"status"', '"xtatus"')
    cells.write_text("".join(lines))
    decided = command(folder, "decide", "--run", "run", "--rate", "1")
    assert "damaged" in decided.stderr
    weighed = command(folder, "decide", "--run", "run", "--rate", "1", "--weights", "effect=nan")
    assert weighed.returncode == 2
    assert "is no weight" in weighed.stderr
