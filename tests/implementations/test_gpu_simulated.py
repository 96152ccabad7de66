"""`gpu_numba` without a GPU: its kernels under Numba's simulator, in a process of its own, on scenarios."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LONG = "SENSORBENCH_TRUST_ROUNDS"
"""Set by `make trust`: then every scenario is played, at greater length."""

QUICK = ("empty_table", "retain_0", "retain_1", "awkward_readings", "second_start")


def test_kernels_answer_the_scenarios_exactly() -> None:
    arguments = ("60",) if LONG in os.environ else ("34", *QUICK)
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(HERE.parents[1])}
    command = [sys.executable, str(HERE / "gpu_simulated.py"), *arguments]
    done = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    assert set(QUICK) <= set(done.stdout.split())
