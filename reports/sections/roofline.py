"""Roofline: how near each implementation comes to what the memory of this machine allows."""

from collections.abc import Iterator
from functools import partial

from harness.units import figure
from reports.content import Block, Column, Figure, Fold, Paragraph, Row, Section, Value
from reports.load import Run
from reports.plots.bars import Bar, bars
from reports.ranking import Ranking, rankings
from reports.tables import make_table, number, text
from reports.text import BYTES, percent, quantity, round_number

ORDER = 55


def build(run: Run) -> Section | None:
    """A picture for each ranking in which the bandwidth was measured."""
    found: list[Block] = [part for ranking in rankings(run.cells) if (part := _figure(ranking))]
    found.extend(_bandwidth(run))
    if not found:
        return None
    intro = Paragraph(
        "Every reading moves at least 36 bytes (20 where nothing is retained). The limit is the rate at which this"
        " machine copies that much, measured at each cell's own footprint. A share above 100% is impossible, and"
        " to be doubted (hatched where it is drawn)."
    )
    return Section("Roofline", "roofline", (intro, *found))


def _bandwidth(run: Run) -> Iterator[Fold]:
    """What copying on this machine was measured to reach."""
    columns = (
        Column("Footprint"),
        Column("Threads", kind="number"),
        Column("Read plus written", "GB/s", "number"),
        Column("By"),
    )
    rows = [
        Row(
            (
                Value(quantity(BYTES, point.get("footprint_bytes") or 0), order=point.get("footprint_bytes")),
                number(point.get("threads"), "{:.0f}".format),
                number(point.get("bytes_per_s"), lambda rate: figure(rate / 1e9)),
                text(point.get("kernel")),
            )
        )
        for point in run.records.get("copy_bandwidth", ())
    ]
    if rows:
        yield Fold("The copy bandwidth of this machine", (make_table("Copying by footprint", columns, rows),))


def _figure(ranking: Ranking) -> Figure | None:
    cells = [(p.cell, p.cell.throughput.roofline_share) for p in ranking.ranked if p.cell.throughput]
    rows = [
        Bar(cell.implementation, share * 100, percent(share), cell.approach, beyond=share > 1)
        for cell, share in cells
        if share is not None
    ]
    if not rows:
        return None
    name = f"plot-roofline-{ranking.anchor}"
    alt = f"Share of the copy bandwidth on {ranking.title}: " + ", ".join(f"{row.name} {row.shown}" for row in rows)
    draw = partial(
        bars, rows, "% of this machine's copy bandwidth", "of the limit", round_number, f"{alt}.", name, least=100.0
    )
    return Figure(name, f"Share of the limit on {ranking.title}.", alt, draw)
