"""Scale: how cost grows with readings, sensors and batch size, and where implementations change places."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from harness.store import Record
from harness.units import figure
from reports.content import Block, Column, Figure, Fold, Items, Paragraph, Row, Section, Value
from reports.load import Run
from reports.plots.scale import Line, scale_plot
from reports.ranking import slug
from reports.tables import make_table, text
from reports.text import BYTES, COUNTS, SECONDS, quantity, round_quantity, span

ORDER = 60
OVER_THE_RANGE = " over the range measured"
"""Said of an exponent of all the cost, of which a fixed part may be a part."""

_COLUMNS = (
    Column("Implementation"),
    Column(
        "Exponent",
        kind="number",
        meaning="How the part that grows beside the fixed one does so, with its 95% interval; of all the cost over the"
        " range measured where no fixed part was told apart",
    ),
    Column("Fixed", kind="number", meaning="What every size costs, beside what grows"),
    Column(
        "Looks like",
        meaning="The growth that Akaike's criterion prefers of those that the exponent allows, and its weight; a power"
        " of n where it allows none",
    ),
    Column("Measured", meaning="Sizes that were proved and timed"),
    Column("Left out", meaning="Sizes without a figure, and why"),
)


def build(run: Run) -> Section | None:
    """A subsection for each axis of each workload that was measured; the newest of each."""
    newest = {(record.get("workload"), record.get("axis")): record for record in run.records.get("scale", ())}
    found = tuple(_axis(record) for record in newest.values() if _measured(record))
    if not found:
        return None
    intro = Paragraph(
        "Each point was proved on its very stream and then timed in fresh processes, in turns with a process of the"
        " same implementation at its least costly size; a curve is fitted to the logarithms of the medians. Hollow"
        " points have a working set beyond the cache that the smallest fits: cost may jump there. Nothing is drawn"
        " where nothing was measured; what lies beyond says that it does."
    )
    return Section("Scale", "scale", (intro, *found))


def _measured(record: Record) -> bool:
    return any(curve.get("points") for curve in record.get("curves", ()))


def _axis(record: Record) -> Section:
    axis, cost, workload = record["axis"], record["cost"], record["workload"]
    anchor = f"scale-{slug(workload)}-{slug(axis)}"
    fixed = ", ".join(f"{name} {count:,}" for name, count in record["fixed"].items())
    title = f"Cost of {cost} against {axis} on {workload}"
    blocks: list[Block] = [_figure(record, title, f"plot-{anchor}")]
    said = (*order_sentences(record), *round_sentence(record))
    points = tuple(f"{sentence}." for sentence in (*said, *prediction_sentences(record)))
    if points:
        blocks.append(Items(points))
    blocks.append(make_table(f"{title} ({fixed})", _COLUMNS, [_row(curve) for curve in record["curves"]]))
    blocks.append(Fold("Every point", (_every_point(record),)))
    return Section(f"{title[0].upper()}{title[1:]}", anchor, tuple(blocks))


def _figure(record: Record, title: str, name: str) -> Figure:
    lines = [_line(curve) for curve in record["curves"] if curve["points"]]
    crossed_at = [(item["size"], _cost_at(record, item["winner"], item["size"])) for item in record["crossovers"]]
    marks = [(float(size), cost) for size, cost in crossed_at if cost is not None]
    titles = (f"{record['axis']}, log scale", f"seconds for {record['cost']}, log scale")
    ticks = partial(round_quantity, COUNTS), partial(round_quantity, SECONDS)
    alt = f"{title}: " + "; ".join(_words(curve) for curve in record["curves"] if curve["points"]) + "."
    draw = partial(scale_plot, lines, marks, titles, ticks, alt, name)
    crossed = " Crosses mark where two change places." if marks else ""
    return Figure(name, f"{title}; bars reach from the fastest to the slowest process.{crossed}", alt, draw)


def _line(curve: Mapping[str, Any]) -> Line:
    points = tuple((float(p["size"]), tuple(p["costs_s"]), bool(p["leaves_cache"])) for p in curve["points"])
    fit = curve["fit"]
    drawn = tuple(zip(fit["drawn"]["sizes"], fit["drawn"]["costs_s"], strict=True)) if fit else ()
    return Line(curve["implementation"], curve["approach"], points, drawn)


def _words(curve: Mapping[str, Any]) -> str:
    fit = curve["fit"]
    return f"{curve['implementation']} {fit['growth']}" if fit else f"{curve['implementation']} without a fit"


def _cost_at(record: Record, name: str, size: float) -> float | None:
    """The fitted cost at `size`; None outside what is drawn."""
    fit = next(curve["fit"] for curve in record["curves"] if curve["implementation"] == name)
    sizes, costs = fit["drawn"]["sizes"], fit["drawn"]["costs_s"]
    if not sizes[0] <= size <= sizes[-1]:
        return None
    nearest = min(range(len(sizes)), key=lambda index: abs(sizes[index] - size))
    return float(costs[nearest])


def _row(curve: Mapping[str, Any]) -> Row:
    fit, points = curve["fit"], curve["points"]
    exponent, fixed, looks = Value(), Value(), Value()
    if fit:
        found = fit["exponent"]
        ends = span(found["low"], found["high"]) + ("" if _is_apart(fit) else OVER_THE_RANGE)
        exponent = Value(figure(found["median"]), ends, order=found["median"])
        fixed = text(quantity(SECONDS, fit["overhead_s"]) if fit["overhead_s"] else None)
        weight = fit["weights"].get(fit["growth"])
        looks = text(fit["growth"], "" if weight is None else f"weight {weight:.2f}")
    measured = f"{points[0]['size']:,} to {points[-1]['size']:,}" if points else None
    reasons: dict[str, list[str]] = {}
    for left in curve["left_out"]:
        reasons.setdefault(left["reason"], []).append(f"{left['size']:,}")
    left_out = "; ".join(f"{', '.join(sizes)}: {reason}" for reason, sizes in reasons.items())
    return Row((text(curve["implementation"]), exponent, fixed, looks, text(measured), text(left_out)))


def _is_apart(fit: Mapping[str, Any]) -> bool:
    """Whether the exponent is that of what grows beside a fixed part; earlier records did not say."""
    return bool(fit.get("apart", fit["overhead_s"]))


def order_sentences(record: Record) -> Iterator[str]:
    """Who overtakes whom where, and who is ahead at every size; without a full stop."""
    axis = record["axis"]
    for item in record["crossovers"]:
        low, high = ("unknown" if end is None else figure(end) for end in (item["low"], item["high"]))
        beyond = "; extrapolated" if item["extrapolated"] else ""
        where = f"{figure(item['size'])} {axis} ({low} to {high}{beyond})"
        yield f"{item['winner']} overtakes {item['loser']} at {where}"
    for item in record.get("throughout", ()):
        few, many = map(figure, item["times"])
        yield (
            f"{item['winner']} is ahead of {item['loser']} at every size measured: {few} times at "
            f"{item['smallest']:,} {axis}, {many} times at {item['largest']:,}"
        )


def round_sentence(record: Record) -> Iterator[str]:
    """How unlike the rounds were, without a full stop; nothing in records that did not tell."""
    slowness = record.get("slowness")
    if slowness:
        fast, slow = figure(min(slowness)), figure(max(slowness))
        yield f"Rounds took {fast} to {slow} times the mean round; that is taken out of the costs"


def prediction_sentences(record: Record) -> Iterator[str]:
    """What was foretold, without a full stop: far beyond what was measured on the condition that growth goes on."""
    for curve in record["curves"]:
        for item in curve["predictions"]:
            cost, low = quantity(SECONDS, item["cost_s"]), quantity(SECONDS, item["low_s"])
            ends = f"{low} to {'unknown' if item['high_s'] is None else quantity(SECONDS, item['high_s'])}"
            measured = f"measured from {item['smallest_measured']:,.0f} to {item['largest_measured']:,.0f}"
            said = f"{curve['implementation']} at {item['at']:,.0f} {record['axis']}: {cost} for {record['cost']}"
            if item.get("far"):
                growth = curve["fit"]["growth"]
                yield f"{said} if it goes on as {growth} ({ends} with the other growths that fit; {measured})"
            else:
                yield f"{said} (95%: {ends}{f'; extrapolated, {measured}' if item['extrapolated'] else ''})"


def _every_point(record: Record) -> Any:
    columns = (
        Column("Implementation"),
        Column(record["axis"].capitalize(), kind="number"),
        Column("Cost", kind="number", meaning="Median of the processes, the fastest and the slowest"),
        Column("Processes", kind="number"),
        Column("Closing", "%", "number", "Part of the time that flushing and closing windows took"),
        Column("Working set", meaning="Two windows, state and history as plain arrays, and the cache it fits"),
        Column("Checks passed", kind="number"),
    )
    rows = []
    for curve in record["curves"]:
        for point in curve["points"]:
            costs = sorted(point["costs_s"])
            middle = costs[len(costs) // 2]
            ends = f"{quantity(SECONDS, costs[0])} to {quantity(SECONDS, costs[-1])}"
            rows.append(
                Row(
                    (
                        text(curve["implementation"]),
                        Value(f"{point['size']:,}", order=point["size"]),
                        Value(quantity(SECONDS, middle), ends, order=middle),
                        Value(str(len(costs)), order=len(costs)),
                        Value(f"{100 * point['closing_share']:.0f}", order=point["closing_share"]),
                        Value(quantity(BYTES, point["working_set_bytes"]), point["place"]),
                        Value(str(point["checks"]), order=point["checks"]),
                    )
                )
            )
    return make_table(f"Every point along {record['axis']}", columns, rows)
