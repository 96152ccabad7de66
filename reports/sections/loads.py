"""Micro-batches and other loads: latency where readings are handed over, or arrive, in another way."""

from collections.abc import Sequence

from harness.results import Cell
from harness.store import Record
from reports.content import Block, Column, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.load_figures import interval_figure, whose
from reports.ranking import slug, where
from reports.tables import grouped, in_unit, make_table, text
from reports.text import COUNTS, MILLION, SECONDS, common_unit, quantity

ORDER = 54


def build(run: Run) -> Section | None:
    """Every load that was measured by itself; those by micro-batches are drawn."""
    loads = _loads(run, [cell for cell in run.cells if cell.verified])
    return _micro_batches(loads) if loads else None


def _loads(run: Run, cells: Sequence[Cell]) -> list[tuple[Cell, Record]]:
    """The newest of every load that was measured of a verified cell, beside what stands in the cell itself."""
    known = {(cell.implementation, cell.workload, cell.size, cell.threads): cell for cell in cells}
    newest: dict[tuple[object, ...], tuple[Cell, Record]] = {}
    for record in run.records.get("load", ()):
        cell = known.get((record["implementation"], record["workload"], record["size"], record["threads"]))
        if cell is not None and record["workload_digest"] == cell.workload_digest and not _is_own(cell, record):
            how = tuple(record.get(name) for name in ("channel", "arrivals", "interval_s", "offered_per_s"))
            newest[(*cell.key, *how)] = (cell, record)
    return list(newest.values())


def _is_own(cell: Cell, record: Record) -> bool:
    """Whether it stands in the cell: at once, as the workload's arrive, through no channel."""
    plain = record["interval_s"] is None and record["arrivals"] == "workload" and not record.get("channel")
    return bool(plain and cell.latency and cell.latency.offered_per_s == record["offered_per_s"])


def _micro_batches(loads: list[tuple[Cell, Record]]) -> Section:
    blocks: list[Block] = []
    swept = [(cell, record) for cell, record in loads if record["interval_s"] and _is_valid(record)]
    for (place, offered_per_s), some in grouped(swept, lambda item: (where(item[0]), item[1]["offered_per_s"])):
        title = f"{place} at {quantity(COUNTS, offered_per_s)}/s"
        longest = max(record["interval_s"] for _, record in some)
        waits = [
            f"{whose(record)} p50 {quantity(SECONDS, record['latency']['p50_s'])},"
            f" p99 {quantity(SECONDS, record['latency']['p99_s'])}"
            for _, record in some
            if record["interval_s"] == longest and record["latency"]["p99_s"] is not None
        ]
        said = f"On {title}, handed over every {quantity(SECONDS, longest)}: {'; '.join(waits)}."
        blocks.append(Paragraph(said))
        drawn = interval_figure(some, title, f"plot-interval-{slug(title)}")
        blocks.extend([drawn] if drawn is not None else [])
    blocks.append(_loads_table(loads))
    return Section("Micro-batches and other loads", "loads", tuple(blocks))


def _is_valid(record: Record) -> bool:
    return bool(record["latency"] and record["latency"]["valid"])


def _loads_table(loads: list[tuple[Cell, Record]]) -> Table:
    unit = common_unit(SECONDS, (record["latency"]["p99_s"] for _, record in loads if record["latency"]))
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Offered", "million readings/s", "number"),
        Column("Arrivals"),
        Column("Handed over"),
        Column("p50", unit.name, "number"),
        Column("p99", unit.name, "number"),
        Column("p99.9", unit.name, "number", "From 10,000 readings on"),
        Column("Longest", unit.name, "number"),
        Column("Kept up"),
    )
    rows = []
    for cell, record in loads:
        latency, interval_s = record["latency"], record["interval_s"]
        head = (
            text(whose(record)),
            text(where(cell)),
            in_unit(record["offered_per_s"], MILLION),
            text("as the workload's" if record["arrivals"] == "workload" else record["arrivals"]),
            Value(f"every {quantity(SECONDS, interval_s)}" if interval_s else "at once", order=interval_s or 0.0),
        )
        if not _is_valid(record):
            why = f"not valid: {latency['details']['invalid']}" if latency else record["reason"]
            rows.append(Row((*head, *[Value()] * 5), why or "", "muted"))
            continue
        kept = Value("yes", tone="good") if latency["kept_up"] else Value("no", tone="bad")
        quoted = (latency[f"{name}_s"] for name in ("p50", "p99", "p999", "max"))
        rows.append(Row((*head, *(in_unit(time_s, unit) for time_s in quoted), kept)))
    return make_table("Every load", columns, rows)
