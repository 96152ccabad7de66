"""A run killed with SIGKILL at random moments loses no finished cell, leaves no process, and is resumed to its end."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from traces import Traces

from harness.store import read

ROUNDS = int(os.environ.get("SENSORBENCH_TRUST_ROUNDS", "3"))
SUBJECTS = ("naive", "sorted_indexed")


def command(folder: Path, *, resume: bool) -> list[str]:
    start = [sys.executable, "-c", "from harness.entry import main; main()", "run", "--out", str(folder)]
    if resume:
        return [*start, "--resume"]
    named = [part for name in SUBJECTS for part in ("-p", name)]
    return [*start, "--quick", "-w", "steady", "-w", "dirty", "--size", "tiny", *named]


def cells(folder: Path) -> list[tuple[str, str]]:
    if not (folder / "run.json").exists():
        return []
    return [(record["implementation"], record["workload"]) for record in read(folder).records("cell")]


def wait_for_a_moment(process: "subprocess.Popen[bytes]", rng: random.Random, least: int, folder: Path) -> None:
    """Wait until `folder` holds `least` cells, so that a busy machine also gets on, and then some seconds."""
    deadline_s = time.monotonic() + 60
    while len(cells(folder)) < least and process.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.05)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(rng.uniform(0.0, 3.0) if least else rng.uniform(0.05, 8.0))


def test_killed_at_random_moments(tmp_path: Path) -> None:
    rng = random.Random(2024)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    traces = Traces(scratch)
    folder = tmp_path / "run-0"
    finished: list[tuple[str, str]] = []
    complete = 0
    for number in range(ROUNDS):
        resume = (folder / "run.json").exists()
        process = subprocess.Popen(
            command(folder, resume=resume), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=traces.environment
        )
        wait_for_a_moment(process, rng, len(finished) + 1 if number % 2 else 0, folder)
        process.send_signal(signal.SIGKILL)
        _, said = process.communicate()
        assert process.returncode in {0, -signal.SIGKILL}, said.decode()
        assert b"Traceback" not in said, said.decode()
        now = cells(folder)
        assert now[: len(finished)] == finished, "a finished cell was lost"
        assert len(set(now)) == len(now), "a finished cell was measured again"
        finished = now
        if process.returncode == 0:
            assert len(now) == 2 * len(SUBJECTS)
            complete += 1
            folder, finished = tmp_path / f"run-{number}-next", []
        assert traces.left_after(5.0) == []
    if (folder / "run.json").exists():
        done = subprocess.run(command(folder, resume=True), capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        assert len(cells(folder)) == 2 * len(SUBJECTS)
        assert json.loads((folder / "run.json").read_text())["finished"]


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGINT,),
        (signal.SIGINT,) * 3,
        (signal.SIGTERM, signal.SIGINT),
        (signal.SIGHUP,),
    ],
    ids=lambda signals: " ".join(one.name for one in signals),
)
def test_interrupted(tmp_path: Path, signals: tuple[signal.Signals, ...]) -> None:
    folder, scratch = tmp_path / "run", tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        command(folder, resume=False),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    deadline_s = time.monotonic() + 60
    while not (any(scratch.iterdir()) and (folder / "run.json").exists()) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    for number in signals:
        process.send_signal(number)
        time.sleep(0.02)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert f"run --resume --out {folder}" in said
    assert not list(scratch.iterdir())
    assert read(folder).damage == ()
