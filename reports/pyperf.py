"""A run in pyperf's own format, so that ``pyperf compare_to`` and its other commands read it."""

from typing import Any

import numpy as np

from harness.results import Cell
from harness.store import encode
from reports.load import Run

_NS = 1e-9


def to_pyperf(run: Run) -> bytes:
    """One benchmark a verified cell, seconds a reading; one pyperf run for each fresh process.

    The file's format is that of version 1.0 of pyperf's JSON, which the 2.x series writes and reads.
    """
    benchmarks = [_benchmark(cell) for cell in run.cells if cell.verified and cell.throughput is not None]
    suite = {"version": "1.0", "metadata": {"tool": "sensorbench", "run": run.id}, "benchmarks": benchmarks}
    return (encode(suite, indent=1) + "\n").encode("ascii")


def _benchmark(cell: Cell) -> dict[str, Any]:
    throughput = cell.throughput
    assert throughput is not None
    processes = np.array_split(np.array(throughput.sample_ns_per_reading), max(1, throughput.pairs))
    name = f"{cell.implementation} on {cell.workload} at {cell.size}"
    return {
        "metadata": {"name": name, "unit": "second", "loops": 1, "inner_loops": 1},
        "runs": [{"values": (process * _NS).tolist()} for process in processes if len(process)],
    }
