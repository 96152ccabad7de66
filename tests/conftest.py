"""What tests of several folders share: the real readings, and where telemetry is kept."""

import os
import sys
from pathlib import Path

import pytest

# pytest puts tests/ on the path, where the folders tests/workloads and the like would stand for the packages.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_VARIABLE = "SENSORBENCH_REAL_DATA"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """321,206 real readings of 47 sensors as gzipped CSV; skips, visibly, where they are not at hand."""
    named = os.environ.get(_VARIABLE)
    if named:
        assert Path(named).is_file(), f"{_VARIABLE} names {named}, which is no file"
        return Path(named)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data" / "nab-real.csv.gz"
    if not beside.is_file():
        pytest.skip(f"no real readings here; let {_VARIABLE} name a recording")
    return beside
