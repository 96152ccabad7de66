"""Counters: what the processor counted for each reading, beside the throughput that it explains."""

from harness.units import figure
from reports.content import Block, Column, Paragraph, Row, Section
from reports.load import Run
from reports.ranking import where
from reports.tables import make_table, number, text

ORDER = 57
_NAMES = {
    "instructions": "Instructions",
    "cycles": "Cycles",
    "branch_misses": "Branch misses",
    "cache_misses": "Cache misses",
    "l1d_misses": "First-level misses",
    "dtlb_misses": "Address translation misses",
    "task_clock_ns": "Processor time (ns)",
    "page_faults": "Page faults",
    "context_switches": "Context switches",
    "cpu_migrations": "Moves to another CPU",
}


def build(run: Run) -> Section | None:
    """One row a cell; a counter that nobody has is named below with its reason, not shown as a column."""
    cells = [cell for cell in run.cells if cell.verified and cell.counters]
    if not cells:
        return None
    counted = [name for name in _NAMES if any(name in cell.counters["per_reading"] for cell in cells)]
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Throughput", "million readings/s", "number"),
        *(Column(_NAMES[name], kind="number") for name in counted),
    )
    rows = [
        Row(
            (
                text(
                    cell.implementation if cell.counters["whole"] else f"{cell.implementation} (calling thread alone)"
                ),
                text(where(cell)),
                number(cell.throughput.per_s.median if cell.throughput else None, lambda rate: figure(rate / 1e6)),
                *(number(cell.counters["per_reading"].get(name), figure) for name in counted),
            )
        )
        for cell in cells
    ]
    intro = "A reading's share of what was counted over one window, after the samples and outside any timing."
    blocks: list[Block] = [Paragraph(intro), make_table("Counters a reading", columns, rows)]
    reasons: dict[str, list[str]] = {}
    for name in _NAMES:
        found = next((cell.counters["missing"][name] for cell in cells if name in cell.counters["missing"]), None)
        if found is not None and name not in counted:
            reasons.setdefault(found, []).append(_NAMES[name].lower())
    blocks += [Paragraph(f"Unavailable: {', '.join(names)}: {reason}.") for reason, names in reasons.items()]
    return Section("Counters", "counters", tuple(blocks))
