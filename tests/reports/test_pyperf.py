"""A run in pyperf's format: read by pyperf itself, and by its comparison."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyperf

from harness.results import Cell, CheckResult, Interval, Proof, Status, Throughput
from reports.load import Run
from reports.pyperf import to_pyperf


def run_of(factor: float) -> Run:
    times = tuple(factor * value for value in (10.0, 10.1, 9.9, 10.05, 9.95, 10.0))
    throughput = Throughput(Interval(1e8, 0.9e8, 1.1e8), 6, 3, 1000, 1, 0.3, 3, True, True, times)
    proof = Proof((CheckResult("values_calibrated"),), 1000, 0.1)
    cell = Cell("quick", "steady", "small", "small", "d" * 64, 1, Status.OK, None, proof=proof, throughput=throughput)
    wrong = replace(cell, implementation="wrong", status=Status.WRONG, reason="moved")
    return Run("run", {}, (cell, wrong), {})


def test_pyperf_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "pyperf.json"
    path.write_bytes(to_pyperf(run_of(1.0)))
    suite = pyperf.BenchmarkSuite.load(str(path))
    assert suite.get_benchmark_names() == ["quick on steady at small"]
    benchmark = suite.get_benchmark("quick on steady at small")
    assert benchmark.get_nrun() == 3
    assert abs(benchmark.mean() - 10e-9) < 1e-12


def test_pyperf_compares_two(tmp_path: Path) -> None:
    for name, factor in (("before", 1.0), ("after", 1.5)):
        (tmp_path / f"{name}.json").write_bytes(to_pyperf(run_of(factor)))
    command = [sys.executable, "-m", "pyperf", "compare_to", "before.json", "after.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "1.50x slower" in done.stdout
