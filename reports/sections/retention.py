"""Memory growth: bytes a retained reading, and what each implementation says of how it stores them."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from harness.store import Record
from harness.units import figure
from reports.content import Block, Column, Figure, Fold, Items, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.plots.scale import Line, scale_plot
from reports.ranking import slug
from reports.retention_results import NOT_RESOLVED, is_resolved, retention_records
from reports.tables import in_unit, make_table, number, text
from reports.text import COUNTS, DECIMAL_BYTES, round_quantity, span

ORDER = 31

_MEGABYTE = DECIMAL_BYTES[1]
_DRAWN = 40
_COLUMNS = (
    Column("Implementation"),
    Column("Bytes a retained reading", "bytes", "number", "Slope of the peak over what is retained, 95% interval"),
    Column("Fixed", "MB", "number", "What is held with nothing retained, by the same line"),
    Column("Weighed", meaning="Counts of retained readings, each in a fresh process"),
    Column("Left out", meaning="Counts without a figure, and why"),
)


def build(run: Run) -> Section | None:
    """A subsection for each workload; the newest of each."""
    found = tuple(_workload(record) for record in retention_records(run) if _weighed(record))
    if not found:
        return None
    intro = Paragraph(
        "Each implementation was proved on the workload and then weighed with more and more retained, each time in a"
        " fresh process: the peak over its runtime. What it retained in the end was compared with the oracle's answer,"
        " reading by reading, before the point counted. MB are 1,000,000 bytes here."
    )
    return Section("Memory growth", "memory-growth", (intro, *found))


def _weighed(record: Record) -> bool:
    return any(curve.get("points") for curve in record.get("curves", ()))


def _workload(record: Record) -> Section:
    anchor = f"memory-growth-{slug(record['workload'])}"
    fixed = ", ".join(f"{name} {count:,}" for name, count in record["fixed"].items())
    title = f"Memory against what is retained on {record['workload']}"
    curves = sorted(record["curves"], key=_slope)
    blocks: list[Block] = [_figure(curves, title, f"plot-{anchor}")]
    blocks.append(make_table(f"{title} ({fixed})", _COLUMNS, [_row(curve) for curve in curves]))
    told = tuple(_told(curves))
    if told:
        blocks.append(Items(told))
    blocks.append(Fold("Every point", (_every_point(title, curves),)))
    return Section(f"On {record['workload']}", anchor, tuple(blocks))


def _slope(curve: Mapping[str, Any]) -> float:
    return float(curve["fit"]["bytes_per_reading"]["median"]) if curve["fit"] else float("inf")


def _figure(curves: list[Mapping[str, Any]], title: str, name: str) -> Figure:
    lines = [_line(curve) for curve in curves if curve["points"]]
    words = (f"{curve['implementation']} {_in_words(curve)}" for curve in curves if curve["fit"])
    alt = f"{title}: {'; '.join(words)}."
    titles = ("retained readings, log scale", "peak over runtime, log scale")
    ticks = partial(round_quantity, COUNTS), partial(round_quantity, DECIMAL_BYTES)
    draw = partial(scale_plot, lines, (), titles, ticks, alt, name)
    return Figure(name, f"{title}: points as they were weighed, with the straight line through them.", alt, draw)


def _in_words(curve: Mapping[str, Any]) -> str:
    return f"{figure(_slope(curve))} bytes a reading" if is_resolved(curve["fit"]) else NOT_RESOLVED


def _line(curve: Mapping[str, Any]) -> Line:
    points = tuple((float(p["retain"]), (float(max(1, p["peak_bytes"])),), False) for p in curve["points"])
    fit, drawn = curve["fit"], []
    if fit:
        low, high = points[0][0], points[-1][0]
        sizes = (low * (high / low) ** (step / (_DRAWN - 1)) for step in range(_DRAWN))
        costs = ((size, fit["fixed_bytes"] + fit["bytes_per_reading"]["median"] * size) for size in sizes)
        drawn = [(size, cost) for size, cost in costs if cost > 0]
    return Line(curve["implementation"], curve["approach"], points, tuple(drawn))


def _row(curve: Mapping[str, Any]) -> Row:
    fit, points = curve["fit"], curve["points"]
    slope, fixed = Value(), Value()
    if fit:
        found = fit["bytes_per_reading"]
        if is_resolved(fit):
            slope = Value(figure(found["median"]), span(found["low"], found["high"]), order=found["median"])
        else:
            slope = text(NOT_RESOLVED, span(found["low"], found["high"]), tone="muted")
        fixed = in_unit(max(0.0, fit["fixed_bytes"]), _MEGABYTE)
    weighed = ", ".join(round_quantity(COUNTS, point["retain"]) for point in points)
    reasons: dict[str, list[str]] = {}
    for left in curve["left_out"]:
        reasons.setdefault(left["reason"], []).append(f"{left['retain']:,}")
    left_out = "; ".join(f"{', '.join(counts)}: {reason}" for reason, counts in reasons.items())
    return Row((text(curve["implementation"]), slope, fixed, text(weighed), text(left_out)))


def _told(curves: list[Mapping[str, Any]]) -> Iterator[str]:
    """What an implementation says of its own storage, at the most it retained."""
    for curve in curves:
        facts = curve["points"][-1]["facts"] if curve["points"] else {}
        if facts:
            listed = ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in facts.items())
            yield f"{curve['implementation']} with {curve['points'][-1]['retain']:,} retained: {listed}."


def _shown(value: float | int | str) -> str:
    return figure(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def _every_point(title: str, curves: list[Mapping[str, Any]]) -> Table:
    columns = (
        Column("Implementation"),
        Column("Retained readings", kind="number"),
        Column("Peak over runtime", "MB", "number"),
        Column("Runtime", "MB", "number"),
        Column("Retained", "MB", "number", "After a garbage collection"),
        Column("History", "MB", "number", "The copy that history() hands out"),
        Column("Anonymous", "MB", "number", "The highest of what no file stands behind, over the runtime"),
        Column("Children", "MB", "number"),
    )
    rows = [
        Row(
            (
                text(curve["implementation"]),
                number(point["retain"], "{:,}".format),
                *(in_unit(point[name], _MEGABYTE) for name in _WEIGHTS),
                in_unit(point["children_bytes"] or None, _MEGABYTE),
            )
        )
        for curve in curves
        for point in curve["points"]
    ]
    return make_table(f"{title}: every point", columns, rows)


_WEIGHTS = ("peak_bytes", "runtime_bytes", "retained_bytes", "history_bytes", "anonymous_bytes")
