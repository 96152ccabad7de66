"""What was measured under load, as pictures: the tail, the backlog over time, latency by load and by micro-batch."""

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

from harness.results import Capacity, Cell, Latency
from harness.store import Record
from reports.content import Figure
from reports.plots.curves import Axis, Curve, Level, curve_plot
from reports.text import COUNTS, SECONDS, in_words, quantity, round_quantity

_SECONDS = partial(round_quantity, SECONDS)
_COUNTS = partial(round_quantity, COUNTS)
_LEAST_S = 1e-7
"""Latencies below are drawn there."""


def tail_figure(found: Sequence[tuple[Cell, Latency]], title: str, name: str) -> Figure | None:
    """Latency by the share of readings that waited at most so long, in the manner of HDR histograms."""
    curves = []
    for cell, latency in found:
        lines = _lines(latency.details)
        points = zip(lines.get("tail_share", ()), lines.get("tail_s", ()), strict=False)
        curves.append(_curve(cell, [(share, max(time_s, _LEAST_S)) for share, time_s in points]))
    x = Axis("readings that waited no longer, log scale towards all", _share_below, "tail")
    return _figure(curves, x, Axis("latency, log scale", _SECONDS), f"Latency of {title}", _ends(curves), name)


def backlog_figure(found: Sequence[tuple[Cell, Latency]], title: str, name: str) -> Figure | None:
    """Readings that had arrived and not come back, over the time of the median repetition."""
    curves = []
    for cell, latency in found:
        lines = _lines(latency.details)
        points = zip(lines.get("sample_s", ()), lines.get("backlog", ()), strict=False)
        curves.append(_curve(cell, [(at_s, max(1.0, float(waiting))) for at_s, waiting in points]))
    x = Axis("seconds from the first arrival", "{:g}".format, "linear")
    y = Axis("readings waiting, log scale (none drawn as one)", _COUNTS)
    ends = ", ".join(f"{curve.name} {in_words(curve.points[-1][1])}" for curve in curves if curve.points)
    return _figure(curves, x, y, f"Backlog over time of {title}", f"at the end {ends}", name)


def load_figure(found: Sequence[tuple[Cell, Capacity]], title: str, name: str) -> Figure | None:
    """Latency against offered load: some loads below the capacity, and those by which it was found."""
    curves, level = [], None
    for cell, capacity in found:
        points = sorted(_tried(capacity), key=lambda point: point[0])
        curves.append(
            Curve(cell.implementation, cell.approach, tuple((x, y) for x, y, _ in points), tuple(m for *_, m in points))
        )
        level = Level(capacity.slo_s, f"p{capacity.slo_percentile:g} within {quantity(SECONDS, capacity.slo_s)}")
    able = ", ".join(
        f"{cell.implementation} {in_words(capacity.per_s)}/s" for cell, capacity in found if capacity.per_s is not None
    )
    x, y = (
        Axis("offered load, readings/s, log scale", _COUNTS),
        Axis("latency, log scale; a cross was not sustained", _SECONDS),
    )
    alt = f"sustained: {able or 'none'}"
    return _figure(curves, x, y, f"Latency against offered load on {title}", alt, name, level)


def interval_figure(found: Sequence[tuple[Cell, Record]], title: str, name: str) -> Figure | None:
    """Median and tail against the length of micro-batches."""
    curves = []
    for percentile in ("p50", "p99"):
        groups: dict[str, list[tuple[float, float]]] = {}
        approaches: dict[str, str | None] = {}
        for cell, record in found:
            time_s = record["latency"][f"{percentile}_s"]
            if time_s:
                label = f"{whose(record)} {percentile}"
                groups.setdefault(label, []).append((record["interval_s"], time_s))
                approaches[label] = cell.approach
        curves += [
            Curve(label, approaches[label], tuple(sorted(points)), (True,) * len(points))
            for label, points in groups.items()
        ]
    x, y = Axis("length of a micro-batch, log scale", _SECONDS), Axis("latency, log scale", _SECONDS)
    alt = ", ".join(f"{curve.name} {quantity(SECONDS, curve.points[-1][1])}" for curve in curves)
    return _figure(curves, x, y, f"Latency against micro-batches of {title}", f"at the longest {alt}", name)


def whose(record: Record) -> str:
    """The implementation of a load, and the channel it was reached through."""
    channel = record.get("channel")
    return f"{record['implementation']} through {channel}" if channel else str(record["implementation"])


def _figure(
    curves: Sequence[Curve], x: Axis, y: Axis, title: str, words: str, name: str, level: Level | None = None
) -> Figure | None:
    drawn = [curve for curve in curves if curve.points]
    if not drawn:
        return None
    alt = f"{title}: {words}."
    return Figure(name, f"{title}.", alt, partial(curve_plot, drawn, x, y, alt, name, level=level))


def _curve(cell: Cell, points: Sequence[tuple[float, float]]) -> Curve:
    return Curve(cell.implementation, cell.approach, tuple(points))


def _ends(curves: Sequence[Curve]) -> str:
    """How long the last reading of each waited."""
    return "longest " + ", ".join(f"{c.name} {quantity(SECONDS, c.points[-1][1])}" for c in curves if c.points)


def _tried(capacity: Capacity) -> list[tuple[float, float, bool]]:
    """Every load with its latency at the objective's percentile, and whether it was sustained."""
    name = {50.0: "p50_s", 99.0: "p99_s", 99.9: "p999_s"}.get(capacity.slo_percentile, "max_s")
    found = []
    for step in (*capacity.details.get("ramp", ()), *capacity.details.get("steps", ())):
        known = [one[name] for one in step["repetitions"] if one["invalid"] is None and one[name]]
        if known:
            found.append((step["offered_per_s"], median(known), bool(step["sustained"])))
    return found


def _lines(details: Mapping[str, Any]) -> Mapping[str, Any]:
    lines = details.get("lines")
    return lines if isinstance(lines, Mapping) else {}


def _share_below(share_above: float) -> str:
    """A share of readings above as a percentile.

    >>> [_share_below(share) for share in (1.0, 0.5, 0.1, 0.01, 0.0001, 1e-7)]
    ['0%', '50%', '90%', '99%', '99.99%', '99.99999%']
    """
    return f"{100 * (1 - share_above):.12g}%"
