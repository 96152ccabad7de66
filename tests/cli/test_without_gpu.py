"""On a machine without a GPU the GPU implementations explain themselves, and nothing else minds."""

import json
from pathlib import Path

import pytest
from commands import sensorbench

from implementations.processors.gpu_cupy import GpuCupy


@pytest.fixture(autouse=True)
def _no_gpu() -> None:
    if GpuCupy.unavailable() is None:
        pytest.skip("there is a GPU")


@pytest.mark.parametrize("name", ["gpu_cupy", "gpu_numba"])
def test_list_gives_reason_and_remedy(name: str) -> None:
    rows = json.loads(sensorbench("list", "--json").out)["processors"]
    (row,) = (row for row in rows if row["name"] == name)
    assert "; " in row["unavailable"]
    assert "GPU" in row["unavailable"]


@pytest.mark.parametrize("command", [("verify",), ("run", "--quick")], ids=["verify", "run"])
@pytest.mark.parametrize("name", ["gpu_cupy", "gpu_numba", "phased[gpu=true]"])
def test_one_that_was_named_fails_with_the_reason(name: str, command: tuple[str, ...], tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "run")) if command[0] == "run" else ()
    outcome = sensorbench(*command, "-p", name, "-w", "steady", "--size", "tiny", *out)
    assert outcome.code == 1
    (line,) = (
        line
        for line in (outcome.out + outcome.err).splitlines()
        if line.lstrip().startswith("unavailable ") or "unavailable: " in line
    )
    assert name in line
    assert "; " in line
    assert "Traceback" not in outcome.err


def test_gpu_ends_at_once_with_the_reason() -> None:
    outcome = sensorbench("gpu")
    assert outcome.code == 2
    (line,) = outcome.error_lines
    assert "no GPU can be measured here: gpu_cupy, gpu_numba, phased[gpu=true]: " in line
    assert "; " in line
