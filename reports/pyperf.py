"""A run in pyperf's own format, so that ``pyperf compare_to`` and its other commands read it."""

from typing import Any

from harness.results import Cell
from harness.store import encode
from reports.load import Run

_NS = 1e-9


def to_pyperf(run: Run) -> bytes:
    """One benchmark a verified cell, seconds a reading; one pyperf run for each fresh process, as far as is known.

    The file's format is that of version 1.0 of pyperf's JSON, which the 2.x series writes and reads.
    """
    benchmarks = [_benchmark(cell) for cell in run.cells if cell.verified and cell.throughput is not None]
    suite = {"version": "1.0", "metadata": {"tool": "sensorbench", "run": run.id}, "benchmarks": benchmarks}
    return (encode(suite, indent=1) + "\n").encode("ascii")


def _benchmark(cell: Cell) -> dict[str, Any]:
    throughput = cell.throughput
    assert throughput is not None
    processes = throughput.ns_by_process or (throughput.sample_ns_per_reading,)
    name = f"{cell.implementation} on {cell.workload} at {cell.size}"
    return {
        "metadata": {"name": name, "unit": "second", "loops": 1, "inner_loops": 1},
        "runs": [{"values": [time * _NS for time in process]} for process in processes if process],
    }
