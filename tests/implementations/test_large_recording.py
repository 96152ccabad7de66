"""A recorded file is used where it lies: anonymous memory stays small however large the file is.

80 MB in the suite; the gigabyte that is promised with ``SENSORBENCH_TRUST_ROUNDS`` set, as ``make trust`` does.
"""

import os
from pathlib import Path

import pytest

from harness.contract import Size
from harness.discovery import find
from harness.discovery import workload as find_workload
from harness.measure.memory.weigh import weigh
from harness.measure.processes.handle import Limits
from harness.stream import records_path, write_stream
from harness.verify.retained import check_history

READINGS = 62_500_000 if "SENSORBENCH_TRUST_ROUNDS" in os.environ else 5_000_000
RETAIN = 1_000_000
pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc to see peaks")


def test_memory_mapped_holds_little_of_its_own(tmp_path: Path) -> None:
    label, steady = find_workload("steady", None)
    size = Size("recorded", READINGS, 10_000, 100_000, RETAIN, max(1, READINGS // 500_000))
    stream = write_stream(steady, label, size, tmp_path / "stream")
    file_bytes = records_path(stream.folder).stat().st_size
    assert file_bytes >= 16 * READINGS
    weighed = weigh(
        find("processors", "memory_mapped"), stream, Limits(), most_s=300.0, steady_windows=0, hand_back_history=True
    )
    details = weighed.memory.details
    assert details["readings"] == READINGS
    assert details["mapped_bytes"] >= 0.99 * 16 * READINGS, "every page of the file was touched by it"
    assert 16 * RETAIN <= details["anonymous_bytes"] < 64e6
    assert weighed.memory.peak_bytes is not None
    assert weighed.memory.peak_bytes < 64e6, "with the pages of the batch it was working on"
    assert weighed.history is not None
    assert check_history("memory_mapped", stream, weighed.windows, RETAIN, weighed.history) == []
    print(f"{file_bytes / 1e9:.3f} GB: anonymous {details['anonymous_bytes'] / 1e6:.1f} MB over the runtime")
