"""What a busy CPU keeps from a process is seen, and what the process spends itself is not counted as waiting."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.measure.processes.waiting import waited_ns

pytestmark = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this kernel does not count it")

_SPIN = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nprint(flush=True)\nwhile True: pass"


def _spinning(cpu: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", _SPIN, str(cpu)], stdout=subprocess.PIPE)


def _share_waited(names: list[str], seconds: float) -> float:
    """What `names` wait for a CPU in a stretch of at least `seconds`, as a share of it."""
    began_ns, before_ns = time.monotonic_ns(), waited_ns(*names)
    time.sleep(seconds)
    return (waited_ns(*names) - before_ns) / (time.monotonic_ns() - began_ns)


def test_two_that_share_a_cpu_wait_for_one_another() -> None:
    cpu = min(os.sched_getaffinity(0))
    spinning = [_spinning(cpu) for _ in range(2)]
    try:
        for process in spinning:
            assert process.stdout is not None
            process.stdout.readline()  # it spins from here on
        names = [str(process.pid) for process in spinning]
        assert max(_share_waited(names, 0.6) for _ in range(3)) > 0.5
    finally:
        for process in spinning:
            process.kill()
            process.communicate()


def test_sleeping_is_not_waiting_and_nobody_waits_for_nothing() -> None:
    assert min(_share_waited(["thread-self"], 0.1) for _ in range(5)) < 0.5
    assert waited_ns("no-such-process") == 0
