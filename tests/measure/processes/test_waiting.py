"""What a busy CPU keeps from a process is seen, and what the process spends itself is not counted as waiting."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.measure.processes.waiting import waited_ns

pytestmark = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this kernel does not count it")

_SPIN = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"


def test_two_that_share_a_cpu_wait_for_one_another() -> None:
    cpu = min(os.sched_getaffinity(0))
    spinning = [subprocess.Popen([sys.executable, "-c", _SPIN, str(cpu)]) for _ in range(2)]
    try:
        names = [str(process.pid) for process in spinning]
        time.sleep(0.3)
        before_ns = waited_ns(*names)
        time.sleep(0.6)
        assert waited_ns(*names) - before_ns > 0.3e9
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def test_sleeping_is_not_waiting_and_nobody_waits_for_nothing() -> None:
    before_ns = waited_ns("thread-self")
    time.sleep(0.2)
    assert waited_ns("thread-self") - before_ns < 0.2e9
    assert waited_ns("no-such-process") == 0
