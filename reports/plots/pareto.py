"""Pareto: throughput against memory and against latency, with those large that no other surely beats."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.results import Cell, Interval
from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import NARROW_PX, style
from reports.plots.svg import inline
from reports.ranking import Ranking, speed
from reports.text import BYTES, COUNTS, SECONDS, in_words, round_quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANEL_PX = 300.0
_LETTER_PX, _LINE_PX, _GAP_PX, _MARK_PX = 6.6, 13.0, 8.0, 4.0
_MOST_NAMED = 12
"""Of more points than these, only the unbeaten have room for a name."""

_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 86.0, 18.0, 14.0, 48.0


_Box = tuple[float, float, float, float]
"""Left, bottom, right and top, pixels."""


_WEIGHING_SHARE, _WEIGHING_BYTES = 0.05, 1 << 18
"""What a weighing may be off by: five of one implementation differed by 0.1 MiB of 1 and of 9 (seen)."""

_P99_SHARE = 0.10
"""What a p99 without repetitions may be off by."""


@dataclass(frozen=True, slots=True)
class Point:
    """One implementation: readings/s, peak memory over runtime, p99 (of latency where measured, else of a call).

    `speed`, `bytes_within` and `p99_within` are the same three with what they may be off by: the interval that the
    ranking goes by; a weighing's repeatability; the repetitions of a latency, else a tenth.
    """

    name: str
    approach: str | None
    per_s: float
    peak_bytes: float
    p99_s: float
    speed: Interval
    bytes_within: Interval
    p99_within: Interval


def points_of(ranking: Ranking) -> tuple[Point, ...]:
    """The ranked cells of which all three are known; by latency if all have it, else by service time."""
    cells = [place.cell for place in ranking.ranked]
    late = all(cell.latency and cell.latency.valid and cell.latency.p99_s for cell in cells)
    found = []
    for cell in cells:
        p99 = _p99(cell, late)
        if cell.throughput and cell.memory and cell.memory.peak_bytes is not None and p99 is not None:
            peak = max(cell.memory.peak_bytes, 1)
            off = max(peak * _WEIGHING_SHARE, _WEIGHING_BYTES)
            found.append(
                Point(
                    cell.implementation,
                    cell.approach,
                    cell.throughput.per_s.median,
                    peak,
                    p99.median,
                    speed(cell, ranking.baseline),
                    Interval(peak, peak - off / 2, peak + off / 2),
                    p99,
                )
            )
    return tuple(found)


def _p99(cell: Cell, late: bool) -> Interval | None:
    if late and cell.latency and cell.latency.p99_s:
        p99_s = cell.latency.p99_s
        taken = cell.latency.details.get("repetitions", ())
        known = [one["p99_s"] for one in taken if one.get("p99_s") and not one.get("invalid")]
        if len(known) > 1:
            return Interval(p99_s, min(known), max(known))
    elif cell.service and cell.service.p99_s:
        p99_s = cell.service.p99_s
    else:
        return None
    return Interval(p99_s, p99_s * (1 - _P99_SHARE / 2), p99_s * (1 + _P99_SHARE / 2))


def front(points: Sequence[Point]) -> tuple[Point, ...]:
    """Those of `points` that no other beats; all where each is beaten by another in turn."""
    return tuple(one for one in points if not any(_beats(other, one) for other in points)) or tuple(points)


def _beats(one: Point, other: Point) -> bool:
    """Whether `one` is clearly better, interval apart from interval, in one of the three, and `other` in none."""
    return any(_better(one, other)) and not any(_better(other, one))


def _better(one: Point, other: Point) -> tuple[bool, bool, bool]:
    return (
        one.speed.low > other.speed.high,
        one.bytes_within.high < other.bytes_within.low,
        one.p99_within.high < other.p99_within.low,
    )


def describe(points: Sequence[Point]) -> str:
    """What the picture shows, as a sentence."""
    named = ", ".join(f"{one.name} {in_words(one.per_s)} a second" for one in front(points))
    return f"Throughput, memory and p99 of {len(points)} implementations; unbeaten: {named}."


def pareto(points: Sequence[Point], name: str, width_px: int) -> str:
    """Draw two panels that share the throughput, side by side or one above the other on a narrow page."""
    from matplotlib.figure import Figure

    narrow = width_px < NARROW_PX
    rows, columns = (2, 1) if narrow else (1, 2)
    height_px = rows * _PANEL_PX
    with style():
        figure = Figure(figsize=(width_px / 72, height_px / 72), dpi=72)
        figure.patch.set_visible(False)
        panel_px = width_px / columns
        unbeaten = set(front(points))
        sides: tuple[tuple[str, Callable[[Point], float], Callable[[float], str], int], ...] = (
            ("peak memory", lambda one: one.peak_bytes, lambda value: round_quantity(BYTES, value), 2),
            ("p99", lambda one: one.p99_s, lambda value: round_quantity(SECONDS, value), 10),
        )
        for place, (title, of, shown, base) in enumerate(sides):
            left_px = _LEFT_PX + (0 if narrow else place * panel_px)
            bottom_px = _BOTTOM_PX + (_PANEL_PX * (1 - place) if narrow else 0)
            axes = figure.add_axes(
                (
                    left_px / width_px,
                    bottom_px / height_px,
                    (panel_px - _LEFT_PX - _RIGHT_PX) / width_px,
                    (_PANEL_PX - _TOP_PX - _BOTTOM_PX) / height_px,
                )
            )
            _panel(axes, points, unbeaten, title, of, shown, base)
        return inline(figure, f"{name}-{width_px}", describe(points))


def _panel(
    axes: "Axes",
    points: Sequence[Point],
    unbeaten: set[Point],
    title: str,
    of: Callable[[Point], float],
    shown: Callable[[float], str],
    base: int,
) -> None:
    from matplotlib.ticker import NullLocator

    axes.patch.set_visible(False)
    axes.spines[["right", "top"]].set_visible(False)
    axes.set_xscale("log")
    axes.set_yscale("log")
    xs, ys = [one.per_s for one in points], [of(one) for one in points]
    axes.set_xlim(min(xs) / 2, max(xs) * 4)
    axes.set_ylim(min(ys) / 2, max(ys) * 2.5)
    for axis, low, high, step, name in (
        (axes.xaxis, *axes.get_xlim(), 10, lambda value: round_quantity(COUNTS, value)),
        (axes.yaxis, *axes.get_ylim(), base, shown),
    ):
        ticks = _ticks(low, high, step)
        axis.set_minor_locator(NullLocator())
        axis.set_ticks(ticks, [name(tick) for tick in ticks])
    axes.tick_params(length=0, pad=5)
    axes.grid()
    axes.set_axisbelow(True)
    axes.set_xlabel("readings/s, log scale: right is better", labelpad=5)
    axes.set_ylabel(f"{title}: lower is better", labelpad=2)
    places = [axes.transData.transform((one.per_s, of(one))) for one in points]
    taken = [(x - _MARK_PX, y - _MARK_PX, x + _MARK_PX, y + _MARK_PX) for x, y in places]
    for one in sorted(points, key=lambda point: (point not in unbeaten, -point.per_s)):
        role, marker = look(one.approach)
        best = one in unbeaten
        colour = stand_in(role)
        filled = best and role not in HOLLOW
        axes.plot(
            [one.per_s],
            [of(one)],
            marker,
            markersize=9.0 if best else 6.0,
            markeredgecolor=colour,
            markerfacecolor=colour if filled else stand_in("surface"),
            markeredgewidth=1.7,
            alpha=1.0 if best else 0.55,
            zorder=3 if best else 2,
        )
        if best or len(points) <= _MOST_NAMED:
            _name(axes, one.name, one.per_s, of(one), taken, "ink" if best else "muted")


def _name(axes: "Axes", name: str, x: float, y: float, taken: list[_Box], role: str) -> None:
    """Write a name beside its mark, at the nearest place that is free; a beaten one without a place stays unnamed."""
    px, py = axes.transData.transform((x, y))
    inside, long_px = axes.get_window_extent(), _LETTER_PX * len(name)
    for lift_px in (0, *(sign * step * _LINE_PX for step in (1, 2, 3) for sign in (1, -1))):
        for left_px in (px + _GAP_PX, px - _GAP_PX - long_px):
            box = (left_px, py + lift_px - _LINE_PX / 2, left_px + long_px, py + lift_px + _LINE_PX / 2)
            within = box[0] >= inside.x0 and box[2] <= inside.x1 + _GAP_PX and inside.y0 <= box[1] < box[3] <= inside.y1
            if within and not any(_overlap(box, other) for other in taken):
                break
        else:
            continue
        break
    else:
        if role == "muted":
            return
        box = (px + _GAP_PX, py - _LINE_PX / 2, px + _GAP_PX + long_px, py + _LINE_PX / 2)
    taken.append(box)
    end, side = (box[0], "left") if box[0] > px else (box[2], "right")
    at_x, at_y = axes.transData.inverted().transform((end, (box[1] + box[3]) / 2))
    axes.text(at_x, at_y, name, ha=side, va="center", fontsize=11.0, color=stand_in(role), clip_on=False)


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ticks(low: float, high: float, base: float) -> list[float]:
    """Powers of `base` between the ends, at most six."""
    powers = range(math.ceil(math.log(low, base)), math.floor(math.log(high, base)) + 1)
    every = max(1, math.ceil(len(powers) / 6))
    return [float(base**power) for power in powers if power % every == 0]
