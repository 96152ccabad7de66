"""Two implementations live: proved on the input, then paired until the interval is narrow enough."""

import math
from typing import Any

from harness.cli.console import note, say, say_json
from harness.discovery import find
from harness.errors import ShortfallError
from harness.measure.effort import EFFORTS
from harness.measure.process import Limits
from harness.results import Cell, Level
from harness.run.cell import CellMaker
from harness.run.inputs import Inputs
from harness.run.runner import default_memory_bytes
from harness.statistics.verdict import judge
from harness.units import format_rate


def compare_live(
    before: str,
    after: str,
    workloads: tuple[str, ...],
    size: str,
    level: Level,
    threads: int,
    threshold: float,
    as_json: bool,
) -> bool:
    """Compare `after` with `before` on each workload; whether it is slower beyond `threshold` anywhere.

    Raises
    ------
    ShortfallError
        If one of the two is not proved right.
    """
    entries = find("processors", before), find("processors", after)
    rows = []
    with Inputs() as inputs:
        limits = Limits(threads=threads, memory_bytes=default_memory_bytes())
        with CellMaker(inputs, EFFORTS[level], limits, len(workloads), (entries[0],), ("throughput",), seed=0) as maker:
            for workload in workloads:
                note(f"{entries[1].label} against {entries[0].label} on {workload} at {size}")
                cell = maker.make(entries[1], workload, size, lambda text: note(f"    {text}"))
                if not cell.verified:
                    raise ShortfallError(f"{cell.implementation} on {workload}: {cell.status}: {cell.reason}")
                if cell.speed_up is None:
                    raise ShortfallError(f"{entries[0].label} cannot be the baseline on {workload} at {size}")
                rows.append(_row(cell, threshold))
    if as_json:
        say_json(rows)
    else:
        for row in rows:
            say(_sentence(row))
    return any(row["regression"] for row in rows)


def _row(cell: Cell, threshold: float) -> dict[str, Any]:
    speed_up, throughput = cell.speed_up, cell.throughput
    assert speed_up is not None
    assert throughput is not None
    beyond = judge(speed_up.effects, band=math.log1p(threshold))
    return {
        "implementation": cell.implementation,
        "baseline": speed_up.baseline,
        "workload": cell.workload,
        "size": cell.size,
        "per_s": throughput.per_s.median,
        "speedup": {"median": speed_up.ratio.median, "low": speed_up.ratio.low, "high": speed_up.ratio.high},
        "pairs": len(speed_up.effects),
        "verdict": speed_up.verdict,
        "detectable": speed_up.detectable,
        "threshold": threshold,
        "regression": beyond.verdict == "slower",
    }


def _sentence(row: dict[str, Any]) -> str:
    ratio = row["speedup"]
    verdict = row["verdict"] or "no verdict from so few pairs"
    seen = "" if row["detectable"] is None else f"; a difference of {row['detectable']:.1%} could have been seen"
    return (
        f"{row['implementation']} on {row['workload']} at {row['size']}: {verdict}; {ratio['median']:.4g} times "
        f"{row['baseline']} ({ratio['low']:.4g} to {ratio['high']:.4g}, {row['pairs']} pairs), "
        f"{format_rate(row['per_s'])}{seen}" + ("; REGRESSION" if row["regression"] else "")
    )
