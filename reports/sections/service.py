"""Service time: how long single calls take when the caller waits for each (closed loop)."""

from functools import partial

from harness.results import Cell, Service
from reports.content import Column, Figure, Fold, Paragraph, Row, Section, Table
from reports.load import Run
from reports.plots.service import service_times
from reports.ranking import Ranking, rankings
from reports.tables import in_unit, make_table, number, text
from reports.text import SECONDS, common_unit, quantity

ORDER = 40


def build(run: Run) -> Section | None:
    """A subsection for each ranking in which calls were timed."""
    found = tuple(part for ranking in rankings(run.cells) if (part := _ranking(ranking)))
    if not found:
        return None
    intro = Paragraph(
        "Closed loop: the next call is made when the one before has returned, so waiting is not in these figures."
        " They are service times, not latencies."
    )
    return Section("Service time", "service", (intro, *found))


def _ranking(ranking: Ranking) -> Section | None:
    timed = [p.cell for p in ranking.places if p.cell.verified and p.cell.size == ranking.size]
    found = sorted(((cell, cell.service) for cell in timed if cell.service), key=lambda item: item[1].p50_s)
    if not found:
        return None
    anchor = f"service-{ranking.anchor}"
    alt = f"Service time of a call on {ranking.title}: " + ", ".join(
        f"{cell.implementation} {quantity(SECONDS, service.p50_s)}" for cell, service in found
    )
    draw = partial(service_times, [cell for cell, _ in found], f"{alt}.", f"plot-{anchor}")
    caption = f"Calls of {found[0][1].batch:,} readings: median, 99th percentile and the longest."
    figure = Figure(f"plot-{anchor}", caption, alt, draw)
    return Section(ranking.title, anchor, (figure, Fold("As a table", (_table(found, ranking),))))


def _table(found: list[tuple[Cell, Service]], ranking: Ranking) -> Table:
    unit = common_unit(SECONDS, (service.p50_s for _, service in found))
    columns = (
        Column("Implementation"),
        Column("Batch", "readings", "number"),
        Column("Calls", kind="number"),
        Column("Median", unit.name, "number"),
        Column("99th percentile", unit.name, "number"),
        Column("Longest", unit.name, "number"),
    )
    whole = "{:,.0f}".format
    rows = [
        Row(
            (
                text(cell.implementation),
                number(service.batch, whole),
                number(service.calls, whole),
                in_unit(service.p50_s, unit),
                in_unit(service.p99_s, unit),
                in_unit(service.max_s, unit),
            )
        )
        for cell, service in found
    ]
    return make_table(f"Service time on {ranking.title}", columns, rows)
