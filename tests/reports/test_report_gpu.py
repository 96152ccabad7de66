"""The section on GPUs: only where one was measured, shares of measured limits, crossovers between measured sizes."""

from pathlib import Path
from typing import Any

import pytest
from report_run import write_run

from harness.store import Store
from reports.formats import write
from reports.load import load

BANDWIDTHS = {"to_device": 16e9, "to_host": 16e9, "both_ways": 32e9, "device_copy": 720e9}


def record(name: str, per_s: dict[int, dict[str, list[float]]], accelerated: bool) -> dict[str, Any]:
    return {
        "kind": "device", "implementation": name, "approach": "SIMD and GPU", "accelerated": accelerated,
        "workload": "steady", "sensors": 10_000, "retain": 1_000_000, "bytes_per_reading": 36,
        "link_bytes": {"to_device": 16, "to_host": 4}, "bandwidths": BANDWIDTHS if accelerated else None,
        "device_bytes": 3 << 20 if accelerated else None, "processes": 3,
        "points": [
            {"batch": batch, "readings": 4 * batch, "checks": 31, "per_s": rates,
             "spent_s_per_reading": {"resident": {"copy_in_s": 0.0, "wait_s": 1e-11, "kernel_s": 2e-10,
                                                  "copy_out_s": 0.0}} if accelerated else {}}
            for batch, rates in per_s.items()
        ],
        "left_out": [{"batch": 1 << 22, "reason": "out_of_memory: MemoryError in 'start': the GPU is out of memory"}],
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_run(tmp_path / "run")
    device = {
        1_024: {"pageable": [1e6, 2e6], "registered": [2e6, 3e6], "resident": [5e6, 6e6]},
        65_536: {"pageable": [2e8, 3e8], "registered": [8e8, 8e8], "resident": [1e10, 1e10]},
    }
    host = {1_024: {"pageable": [8e7, 9e7]}, 65_536: {"pageable": [1e8, 2.5e8]}}
    with Store.open(made) as store:
        store.append(record("gpu_cupy", device, accelerated=True))
        store.append(record("parallel", host, accelerated=False))
    return made


def markdown(folder: Path) -> str:
    (path,) = write(load(folder), folder / "out", ["md"])
    return path.read_text(encoding="utf-8")


def test_there_is_no_section_without_a_device(tmp_path: Path) -> None:
    assert "## GPU" not in markdown(write_run(tmp_path / "run"))


def test_rates_stand_beside_their_limits(folder: Path) -> None:
    said = markdown(folder)
    section = said[said.index("## GPU") :]
    (row,) = (line for line in section.splitlines() if "gpu_cupy" in line and "65,536" in line and "10,000" in line)
    assert "80%" in row  # 8e8 readings of 16 bytes over 16 GB/s
    assert "50%" in row  # 1e10 readings of 36 bytes against 720 GB/s
    assert "Device memory taken" in section
    assert "3.00 MiB" in section
    assert "left out, out_of_memory" in section


def test_crossovers_are_said_between_measured_sizes_alone(folder: Path) -> None:
    said = markdown(folder)
    assert "gpu_cupy, registered is ahead of parallel from batches of 65,536 on, and not at 1,024" in said
    assert "gpu_cupy, pageable is not ahead of parallel at the largest batch" in said  # the spreads overlap


def test_the_figure_is_drawn(folder: Path) -> None:
    (path,) = write(load(folder), folder / "out", ["html"])
    page = path.read_text(encoding="utf-8")
    assert "Seconds a reading against batch size on steady with 10,000 sensors" in page
