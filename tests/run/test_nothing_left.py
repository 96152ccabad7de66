"""Nothing outlives a command that sends readings through named semaphores, however it or a process of it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from traces import Traces

from harness.measure.processes import keeping
from harness.measure.processes.keeper import ANY_RUNS, TOKEN_VARIABLE

_START = (sys.executable, "-c", "from harness.entry import main; main()")
_CHANNELS = ("channels", "-c", "queue", "--batch", "1000", "--quick")
_LATENCY = (
    *("latency", "-p", "hash_indexed", "--size", "tiny", "--channel", "queue"),
    *("--rate", "1e4", "--seconds", "0.2", "--repeat", "1"),
)


@pytest.fixture
def traces(tmp_path: Path) -> Traces:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Traces(scratch)


def _begun(traces: Traces, folder: Path) -> "subprocess.Popen[str]":
    """A measurement of a channel, its sides at work: the channel is proved, and made anew to be timed."""
    process = subprocess.Popen(
        [*_START, *_CHANNELS, "--out", str(folder)], stderr=subprocess.PIPE, text=True, env=traces.environment
    )
    assert process.stderr is not None
    assert any(line.startswith("queue alone") for line in process.stderr)
    while not (traces.named() and len(list(traces.workers())) >= 4):
        assert process.poll() is None
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("command", [_CHANNELS, _LATENCY], ids=lambda command: command[0])
def test_ended(command: tuple[str, ...], traces: Traces, tmp_path: Path) -> None:
    done = subprocess.run(
        [*_START, *command, "--out", str(tmp_path / "run")], capture_output=True, text=True, env=traces.environment
    )
    assert done.returncode == 0 or "not valid" in done.stdout, done.stderr
    assert traces.left_after(5.0) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_the_run_is_ended(number: signal.Signals, traces: Traces, tmp_path: Path) -> None:
    process = _begun(traces, tmp_path / "run")
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert "Traceback" not in said
    assert process.returncode == (130 if number is signal.SIGINT else -number)
    assert traces.left_after(5.0) == []


def test_what_a_run_and_its_keeper_left_goes_with_the_next(traces: Traces, tmp_path: Path) -> None:
    process = _begun(traces, tmp_path / "run")
    (keeper,) = (one for one in psutil.Process(process.pid).children() if "keeping.py" in " ".join(one.cmdline()))
    held = set(traces.scratch.glob("sensorbench-*"))
    assert held
    _age(held)
    keeping.remove_abandoned(str(traces.scratch), ANY_RUNS)
    assert set(traces.scratch.glob("sensorbench-*")) >= held, "its run lives"
    keeper.kill()
    process.kill()
    process.communicate(timeout=30)
    psutil.wait_procs(list(traces.workers()), timeout=5)
    left = set(traces.scratch.iterdir())
    assert left & held
    young = traces.scratch / f"sensorbench-{16 * '0'}-young"
    young.mkdir()
    others = traces.scratch / "sensorbench-of-the-user"
    others.mkdir()
    _age(left | {others})
    subprocess.run(
        [*_START, "verify", "-p", "hash_indexed", "-w", "trickle"],
        check=True,
        capture_output=True,
        env=traces.environment,
    )
    assert not {path for path in left if path.name.startswith("sensorbench-") and path.exists()}
    assert young.is_dir()
    assert others.is_dir()


def _age(folders: set[Path]) -> None:
    for folder in folders:
        os.utime(folder, (1e9, 1e9))


def test_the_maker_of_the_channel_is_killed(traces: Traces, tmp_path: Path) -> None:
    process = _begun(traces, tmp_path / "run")
    (maker,) = (one for one in traces.workers() if "harness.measure.worker.serve" in one.cmdline())
    maker.kill()
    _, said = process.communicate(timeout=30)
    assert "queue: out_of_memory: killed by SIGKILL from outside" in said
    assert process.returncode == 1
    assert traces.left_after(5.0) == []


def test_what_is_left_is_seen(traces: Traces) -> None:
    program = """
import multiprocessing, signal, tempfile
from multiprocessing import resource_tracker
lock = multiprocessing.get_context("spawn").Lock()
resource_tracker.unregister(lock._semlock.name, "semaphore")
print("/dev/shm/sem." + lock._semlock.name.strip("/"), tempfile.mkdtemp(), flush=True)
signal.pause()
"""
    environment = {**traces.environment, TOKEN_VARIABLE: "any"}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        semaphore, folder = child.stdout.readline().split()
        while_it_lives = traces.left()
        child.kill()
    try:
        assert f"process {child.pid} ({Path(sys.executable).name})" in while_it_lives
        assert semaphore not in while_it_lives
        assert {semaphore, folder} <= set(traces.left())
    finally:
        Path(semaphore).unlink()
