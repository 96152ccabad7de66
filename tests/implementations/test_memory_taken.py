"""What the memory-minded processors take, seen by the kernel in a process of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_CHILD = Path(__file__).with_name("memory_child.py")
pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc to see peaks")


def taken(module: str, name: str, retain: int, *parameters: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, str(_CHILD), module, name, str(retain), *parameters],
        capture_output=True,
        check=True,
        timeout=120,
        cwd=_CHILD.parents[2],
    )
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("module", "name", "most_bytes", "most_slope"),
    [("ring_buffer", "RingBuffer", 24e6, 16.5), ("bit_packed", "BitPacked", 14e6, 8.2)],
)
def test_peak_and_slope(module: str, name: str, most_bytes: float, most_slope: float) -> None:
    small, large = 200_000, 1_000_000
    at_large = taken(module, name, large)["peak_bytes"]
    slope = (at_large - taken(module, name, small)["peak_bytes"]) / (large - small)
    assert at_large <= most_bytes
    assert 2 < slope <= most_slope


def test_memory_mapped_history_in_a_file_leaves_anonymous_memory_alone() -> None:
    in_memory = taken("memory_mapped", "MemoryMapped", 1_000_000)["anonymous_bytes"]
    in_file = taken("memory_mapped", "MemoryMapped", 1_000_000, "retain_in=file")["anonymous_bytes"]
    assert in_memory > 16_000_000 > 4_000_000 > in_file
