"""Two implementations live: proved on the input, then paired until the interval is narrow enough."""

import math
from functools import partial
from typing import Any

from harness.cli.console import note, say, say_json
from harness.cli.options import processors
from harness.errors import ShortfallError, UsageError
from harness.measure.processes.handle import Limits
from harness.measure.speed.effort import EFFORTS
from harness.results import Cell, Level
from harness.run.cell import CellMaker
from harness.run.inputs import Inputs
from harness.run.runner import default_memory_bytes
from harness.statistics.verdict import judge
from harness.units import count, figure, format_rate
from reports.fixed_cost import MEANING, is_fixed_cost

_MARKS = {"faster": "🟢", "same": "⚪", "slower": "🟠"}


def compare_live(
    before: str,
    after: str,
    workloads: tuple[str, ...],
    size: str | None,
    level: Level,
    threads: int,
    threshold: float,
    as_json: bool,
) -> bool:
    """Compare `after` with `before` on each workload; whether it is slower beyond `threshold` anywhere.

    Without a `size` each workload has the one that it has by itself, as in 'run'.

    Raises
    ------
    UsageError
        If the two are one, or two of one name.
    ShortfallError
        If one of the two is not proved right.
    """
    entries = processors((before, after))
    if len(entries) < 2:
        raise UsageError(f"{before} is compared with itself; give two ('sensorbench doctor' measures the noise)")
    rows = []
    with Inputs() as inputs:
        limits = Limits(threads=threads, memory_bytes=default_memory_bytes())
        with CellMaker(inputs, EFFORTS[level], limits, len(workloads), (entries[0],), ("throughput",), seed=0) as maker:
            for workload in workloads:
                chosen = inputs.size(workload, size)
                on = f"{inputs.workload(workload)[0]} at {chosen.name}"
                note(f"{entries[1].label} against {entries[0].label} on {on}, {count(chosen.readings, 'reading')}")
                cell = maker.make(entries[1], workload, chosen.name, partial(_tell, on))
                if not cell.verified:
                    raise ShortfallError(f"{cell.implementation} on {workload}: {cell.status}: {cell.reason}")
                if cell.speed_up is None:
                    fallen = maker.fallen.get((entries[0].label, cell.workload, cell.size))
                    why = f": {fallen.reason}" if fallen else ""
                    raise ShortfallError(f"{entries[0].label} cannot be the baseline on {workload} at {cell.size}{why}")
                if is_fixed_cost(cell):
                    note(f"    {on}: {MEANING}")
                rows.append(_row(cell, threshold, len(workloads)))
    if as_json:
        say_json(rows)
    else:
        say(_markdown(rows, entries[0].label, entries[1].label, threshold))
    return any(row["regression"] for row in rows)


def _tell(on: str, text: str) -> None:
    note(f"    {on}: {text}")


def _row(cell: Cell, threshold: float, candidates: int) -> dict[str, Any]:
    speed_up, throughput = cell.speed_up, cell.throughput
    assert speed_up is not None
    assert throughput is not None
    beyond = judge(speed_up.effects, candidates, band=math.log1p(threshold))
    return {
        "implementation": cell.implementation,
        "baseline": speed_up.baseline,
        "workload": cell.workload,
        "size": cell.size,
        "readings": cell.counts["readings"],
        "per_s": throughput.per_s.median,
        "speedup": {"median": speed_up.ratio.median, "low": speed_up.ratio.low, "high": speed_up.ratio.high},
        "pairs": len(speed_up.effects),
        "verdict": speed_up.verdict,
        "detectable": speed_up.detectable,
        "threshold": threshold,
        "regression": beyond.verdict == "slower",
    }


def _markdown(rows: list[dict[str, Any]], before: str, after: str, threshold: float) -> str:
    """A verdict line and a row a workload."""
    worse = sum(row["regression"] for row in rows)
    undecided = any(row["verdict"] is None for row in rows)
    if worse:
        found = f"🔴 {worse} of {len(rows)} beyond the threshold"
    elif undecided:
        found = "🟡 No verdict at this level"
    else:
        found = "⚪ No regression found"
    holding = "each interval is a plain 95% one" if undecided else "intervals hold for all rows at once at 99%"
    lines = [
        f"### {found}: `{after}` against `{before}`",
        "",
        f"Paired live on one machine; threshold {100 * threshold:.3g}%, {holding}.",
        "",
        "| | workload | size | readings | time per reading | interval | pairs | readings/s | verdict |",
        "|---|---|---|---:|---:|---:|---:|---:|---|",
    ]
    return "\n".join([*lines, *map(_line, rows)])


def _line(row: dict[str, Any]) -> str:
    ratio = row["speedup"]
    seen = "" if row["detectable"] is None else f"; a difference of {row['detectable']:.1%} could have been seen"
    cells = (
        "🔴" if row["regression"] else _MARKS.get(row["verdict"], "🟡"),
        row["workload"],
        row["size"],
        f"{row['readings']:,}",
        moved(1 / ratio["median"]),
        f"{moved(1 / ratio['high'])} to {moved(1 / ratio['low'])}",
        row["pairs"],
        format_rate(row["per_s"]),
        (row["verdict"] or "no verdict from so few pairs") + seen,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def moved(time_ratio: float) -> str:
    """What became of a time as a percentage, from twice or half of it on as a multiple or a part of it.

    >>> [moved(ratio) for ratio in (1.05, 62.6, 0.98, 0.016)]
    ['+5.0%', '62.6 times', '-2.0%', '1/62.5']
    """
    if time_ratio >= 2:
        return f"{figure(time_ratio)} times"
    return f"1/{figure(1 / time_ratio)}" if time_ratio <= 0.5 else f"{time_ratio - 1:+.1%}"
