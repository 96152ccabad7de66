"""Latency and capacity: what a reading waits under load, and how much load is too much."""

from harness.results import Capacity, Cell, Latency
from reports.content import Block, Column, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.ranking import where
from reports.tables import in_unit, make_table, number, text
from reports.text import MILLION, SECONDS, common_unit, figure, quantity

ORDER = 50


def build(run: Run) -> Section | None:
    """Latency at the offered load, then capacity; only what was measured."""
    late = [(cell, cell.latency) for cell in run.cells if cell.verified and cell.latency]
    able = [(cell, cell.capacity) for cell in run.cells if cell.verified and cell.capacity]
    if not late and not able:
        return None
    blocks: list[Block] = [
        Paragraph(
            "Open loop: readings arrive when they were meant to, whether or not the implementation is ready, and a"
            " reading's latency counts from its intended arrival. A stall counts against every reading it delayed."
        )
    ]
    if late:
        blocks.append(_latency(late))
    if able:
        blocks.append(_capacity(able))
    return Section("Latency", "latency", tuple(blocks))


def _latency(found: list[tuple[Cell, Latency]]) -> Table:
    unit = common_unit(SECONDS, (latency.p99_s for _, latency in found))
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Offered", "million readings/s", "number"),
        Column("p50", unit.name, "number"),
        Column("p99", unit.name, "number"),
        Column("p99.9", unit.name, "number", "From 10,000 readings on"),
        Column("Longest", unit.name, "number"),
        Column("Kept up"),
    )
    rows = []
    for cell, latency in sorted(found, key=lambda item: (item[0].workload, item[1].p99_s or float("inf"))):
        head = (text(cell.implementation), text(where(cell)))
        offered = in_unit(latency.offered_per_s, MILLION)
        if not latency.valid:
            remark = "not valid: the generator itself fell behind its own schedule"
            rows.append(Row((*head, offered, *[Value()] * 5), remark, "muted"))
            continue
        kept = Value("yes", tone="good") if latency.kept_up else Value("no", tone="bad")
        times = (latency.p50_s, latency.p99_s, latency.p999_s, latency.max_s)
        rows.append(Row((*head, offered, *(in_unit(time, unit) for time in times), kept)))
    return make_table("Latency from intended arrival to hand-back", columns, rows)


def _capacity(found: list[tuple[Cell, Capacity]]) -> Table:
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Capacity", "million readings/s", "number", "The highest load that is sustainable within the objective"),
        Column("Objective"),
    )
    rows = [
        Row(
            (
                text(cell.implementation),
                text(where(cell)),
                number(capacity.per_s, lambda value: figure(MILLION.of(value))),
                text(f"p{capacity.slo_percentile:g} within {quantity(SECONDS, capacity.slo_s)}"),
            )
        )
        for cell, capacity in sorted(found, key=lambda item: (item[0].workload, -(item[1].per_s or 0.0)))
    ]
    return make_table("Capacity: the highest sustainable load", columns, rows)
