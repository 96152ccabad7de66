"""Operations on halves of lanes: the same on every processor, with its instructions for them or without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from llvmlite import binding

_PROCESSORS = {
    "without instructions of its own": "",
    "sse2": "+sse2",
    "avx2": "+sse2,+avx,+avx2",
    "avx512bw": "+sse2,+avx,+avx2,+avx512f,+avx512bw,+avx512vl,+avx512dq",
}


@pytest.mark.parametrize("name", _PROCESSORS)
def test_halves_are_multiplied_as_numpy_does(name: str) -> None:
    has = binding.get_host_cpu_features()
    wanted = [feature.removeprefix("+") for feature in _PROCESSORS[name].split(",") if feature]
    missing = [feature for feature in wanted if not has.get(feature)]
    if missing:
        pytest.skip(f"this processor has no {missing[-1]}")
    environment = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": _PROCESSORS[name]}
    script = Path(__file__).with_name("shorts_child.py")
    done = subprocess.run(
        [sys.executable, script],
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
