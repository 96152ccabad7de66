"""On a machine without a GPU the GPU implementations explain themselves, and nothing else minds."""

import json

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


def test_verify_of_one_that_was_named_fails_with_the_reason() -> None:
    outcome = sensorbench("verify", "-p", "gpu_numba", "-w", "steady", "--size", "tiny")
    assert outcome.code == 1
    assert "unavailable" in outcome.out
    assert "Traceback" not in outcome.err


def test_gpu_ends_at_once_with_the_reason() -> None:
    outcome = sensorbench("gpu")
    assert outcome.code == 2
    (line,) = outcome.error_lines
    assert "no GPU can be measured here: gpu_cupy, gpu_numba: " in line
    assert "; " in line
