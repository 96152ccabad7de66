"""Made cells to decide on."""

import math

from harness.results import (
    Cell,
    CheckResult,
    Interval,
    Level,
    Memory,
    Proof,
    Service,
    SpeedUp,
    Status,
    Throughput,
)
from reports.load import Run
from reports.margin import Requirement


def versus(ratio: float) -> SpeedUp:
    interval = Interval(ratio, ratio / 1.05, ratio * 1.05)
    return SpeedUp(interval, "naive", (-math.log(ratio),) * 6, 0.99, "faster", 0.01, Level.DEFAULT)


def cell(name: str, per_s: float, approach: str = "peer", workload: str = "steady", peak: int = 10_000_000) -> Cell:
    ratio = per_s / 1e5
    return Cell(
        name, workload, "small", "small", "d1", 1, Status.OK, None,
        Proof((CheckResult("values"),), 1000, 0.1), None,
        Throughput(Interval(per_s, per_s / 1.05, per_s * 1.05), 12, 6, 1000, 1, 1.0, 3, True, True),
        None if name == "naive" else versus(ratio),
        Service(10_000, 200, 10_000 / per_s, 12_000 / per_s, 20_000 / per_s),
        Memory(50_000_000, peak), approach=approach, counts={"retain": 1000},
    )  # fmt: skip


def run_of(*cells: Cell) -> Run:
    return Run("made", {}, cells, {})


NAIVE = cell("naive", 1e5, "before", peak=30_000_000)
DICT = cell("hash_indexed", 1.3e6, "algorithm and data structures")
SIMD = cell("simd", 2e8, "SIMD and GPU", peak=6_000_000)
WANTED = Requirement(1e6, 0.1, 16 << 30)
