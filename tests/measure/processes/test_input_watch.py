"""A mapped input that is damaged while a worker uses it: the cause in one line, whatever became of the worker."""

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contract import Size
from harness.discovery import find
from harness.discovery import workload as find_workload
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.input_watch import InputWatch
from harness.measure.processes.status import WorkerFailure
from harness.results import Status
from harness.stream import records_path, write_stream

WORKED_S = 0.6


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def made_read_only(path: Path) -> None:
    path.chmod(0o400)


def replaced(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_bytes(b"another")
    other.replace(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a stream; its path alone, because whoever reads a mapped file that was cut short dies."""
    label, steady = find_workload("steady", None)
    return write_stream(steady, label, Size("some", 200_000, 1_000, 10_000, 20_000, 10), tmp_path / "stream").folder


@pytest.mark.parametrize(
    ("processor", "damage", "status", "said"),
    [
        ("ring_buffer", cut_short, Status.CRASHED, "was cut short while it was mapped"),
        (
            "memory_mapped",
            cut_short,
            Status.CRASHED,
            "was cut short while it was mapped (1.02 MiB instead of 3.06 MiB)",
        ),
        ("memory_mapped", Path.unlink, Status.FAILED, "was removed while it was mapped"),
        ("memory_mapped", made_read_only, Status.FAILED, "was made read-only while it was mapped"),
        ("memory_mapped", replaced, Status.FAILED, "was replaced by another file while it was mapped"),
    ],
    ids=["copied, cut short", "cut short", "removed", "read-only", "replaced"],
)
def test_damage_while_a_worker_works(
    processor: str, damage: Callable[[Path], None], status: Status, said: str, folder: Path
) -> None:
    """Cut short, the worker dies of SIGBUS; removed or read-only, it works on and knows nothing of it."""
    path = records_path(folder)
    with Worker(find("processors", processor), Limits()) as worker:
        worker.ask("start", {"folder": str(folder)}, deadline_s=60)
        worker.ask("warm_up", {"min_calls": 3, "min_s": 0, "min_readings": 0, "most_s": 5}, deadline_s=60)
        timer = threading.Timer(WORKED_S / 3, damage, (path,))
        timer.start()
        request = {"min_calls": 10**9, "min_s": 60, "min_readings": 0, "most_s": WORKED_S}
        with pytest.raises(WorkerFailure) as caught:
            worker.ask("warm_up", request, deadline_s=60)
        timer.join()
    assert caught.value.status is status
    assert said in caught.value.reason
    assert "leave the input alone" in caught.value.reason
    assert "\n" not in caught.value.reason
    if damage is cut_short:
        assert "SIGBUS" in caught.value.reason


def test_a_watch_tells_what_changed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "input"
    assert InputWatch.of(path) is None
    path.write_bytes(b"0123456789")
    watch = InputWatch.of(path)
    assert watch is not None
    path.read_bytes()
    assert watch.change() is None
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    assert "given other permissions while it was mapped (-rw" in str(watch.change())
    path.chmod(watch.before.st_mode)
    assert "was touched while it was mapped" in str(watch.change()), "as if it had been written to in between"
    with path.open("r+b") as file:
        file.write(b"y")
    os.utime(path, ns=(0, watch.before.st_mtime_ns))
    assert "its date put back" in str(watch.change())
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(0, watch.before.st_mtime_ns + 1))
    assert "was written to" in str(watch.change())
    with path.open("ab") as file:
        file.write(b"x")
    assert "was appended to while it was mapped (11 B instead of 10 B)" in str(watch.change())


CUTS_ITS_INPUT = """
import os
from harness.contract import Floats, Readings
from harness.control import Control


class CutsItsInput(Control):
    \"\"\"Cuts the file short that its readings come from, at its hundredth call.\"\"\"

    calls = 0

    def process(self, readings: Readings) -> Floats:
        CutsItsInput.calls += 1
        if CutsItsInput.calls == 100:
            (path,) = {line.split()[-1] for line in open("/proc/self/maps") if line.rstrip().endswith("readings.rec")}
            os.truncate(path, 4096)
        return super().process(readings)
"""


def test_the_next_is_given_a_whole_input_again(tmp_path: Path) -> None:
    """The cell says why it ended; what is proved after it finds an input that is whole."""
    subject = tmp_path / "cuts_its_input.py"
    subject.write_text(CUTS_ITS_INPUT)
    command = [sys.executable, "-c", "from harness.cli import main; main()", "verify", "-w", "steady", "--json"]
    command += ["--size", "tiny", "-p", str(subject), "-p", "hash_indexed"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    cut, whole = json.loads(done.stdout)["cells"]
    assert cut["reason"].startswith("the input readings.rec was cut short while it was mapped"), cut
    assert whole["verified"], whole
