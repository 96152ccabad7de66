"""`gpu_numba` without a GPU: its calls through the real numba.cuda, down to a driver that the host stands in for."""

import os
import subprocess
import sys
from pathlib import Path

CHECKS = Path(__file__).with_name("gpu_numba_calls.py")


def test_every_call_does_what_it_is_taken_for(driver_on_host: Path) -> None:
    environment = {**os.environ, "LD_LIBRARY_PATH": str(driver_on_host), "PYTHONPATH": str(CHECKS.parents[2])}
    command = [sys.executable, "-m", "pytest", "-q", str(CHECKS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:]
