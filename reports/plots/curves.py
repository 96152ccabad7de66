"""Curves over two axes, each with its name beside its end: latencies by share, by load, by time."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import NARROW_PX, log_axis, style
from reports.plots.svg import inline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABEL_GAP = 0.045
"""Least distance between two names at the right, as a share of the height."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One implementation.

    Parameters
    ----------
    points
        In order of x.
    marked
        Which of them have a mark, by their place: True is the approach's, False a cross. None has one otherwise.
    """

    name: str
    approach: str | None
    points: tuple[tuple[float, float], ...]
    marked: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A title, how its ticks are written, and its scale.

    A ``tail`` is the share of readings that waited longer, from all to one in a million: a log scale towards zero.
    """

    title: str
    tick: Callable[[float], str]
    scale: Literal["log", "linear", "tail"] = "log"


@dataclass(frozen=True, slots=True)
class Level:
    """A line across, at what was asked for."""

    at: float
    name: str


def curve_plot(
    curves: Sequence[Curve], x: Axis, y: Axis, alt: str, name: str, width_px: int, level: Level | None = None
) -> str:
    """Draw `curves`, all of which have points; `y` is logarithmic, and nothing on it may be below or at zero."""
    with style():
        figure, axes, narrow = framed(width_px)
        for curve in curves:
            _draw(axes, curve)
        _x_axis(axes, [point[0] for curve in curves for point in curve.points], x)
        heights = [point[1] for curve in curves for point in curve.points]
        if level is not None:
            axes.axhline(level.at, color=stand_in("muted"), linewidth=1.2, linestyle=(0, (5, 4)), zorder=1)
            axes.annotate(level.name, (0.01, level.at), xycoords=("axes fraction", "data"), xytext=(0, 3),
                          textcoords="offset points", color=stand_in("muted"), fontsize=11)  # fmt: skip
            heights.append(level.at)
        log_y(axes, min(heights), max(heights), y.tick)
        axes.set_xlabel(x.title, labelpad=5)
        axes.text(0, 1.02, y.title, transform=axes.transAxes, color=stand_in("muted"), fontsize=11, va="bottom")
        name_ends(axes, [(curve.name, curve.approach, curve.points[-1][1]) for curve in curves], narrow=narrow)
        return inline(figure, f"{name}-{width_px}", alt)


def _draw(axes: "Axes", curve: Curve) -> None:
    role, marker = look(curve.approach)
    colour = stand_in(role)
    axes.plot(*zip(*curve.points, strict=True), color=colour, linewidth=1.6, alpha=0.85, zorder=2)
    for (x, y), full in zip(curve.points, curve.marked, strict=False):
        face = colour if full and role not in HOLLOW else stand_in("surface")
        axes.plot([x], [y], marker if full else "x", markersize=6.5, markeredgecolor=colour, markerfacecolor=face,
                  markeredgewidth=1.5, zorder=4)  # fmt: skip


def _x_axis(axes: "Axes", values: Sequence[float], axis: Axis) -> None:
    axes.tick_params(axis="x", length=0)
    if axis.scale == "log":
        log_axis(axes, min(values), max(values), axis.tick)
    elif axis.scale == "tail":
        decades = max(1, math.ceil(-math.log10(min(values))))
        axes.set_xscale("log")
        axes.set_xlim(1.0, 10.0**-decades)
        ticks = [1.0, 0.5, *(10.0**-power for power in range(1, decades + 1))]
        axes.set_xticks(ticks, [axis.tick(tick) for tick in ticks])
        axes.minorticks_off()
    else:
        from reports.plots.rows import linear_axis

        linear_axis(axes, max(values), axis.tick)


def framed(width_px: int) -> "tuple[Figure, Axes, bool]":
    """An empty figure with axes that leave room for names at the right; and whether it is too narrow for them."""
    from matplotlib.figure import Figure

    height_px = min(420.0, 0.75 * width_px + 80)
    narrow = width_px < NARROW_PX
    left, right = (62.0, 14.0) if narrow else (74.0, 150.0)
    figure = Figure(figsize=(width_px / 72, height_px / 72), dpi=72)
    figure.patch.set_visible(False)
    axes = figure.add_axes((left / width_px, 46 / height_px, (width_px - left - right) / width_px, 1 - 74 / height_px))
    axes.patch.set_visible(False)
    axes.spines[["right", "top"]].set_visible(False)
    axes.grid(which="major")
    axes.set_axisbelow(True)
    return figure, axes, narrow


def log_y(axes: "Axes", low: float, high: float, name: Callable[[float], str]) -> None:
    """A log scale upwards that holds `low` to `high` with some room."""
    from matplotlib.ticker import NullLocator

    low, high = low / 1.6, high * 1.6
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.yaxis.set_minor_locator(NullLocator())
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 50 else (1,)
    ticks = [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
    axes.set_yticks(ticks, [name(tick) for tick in ticks])
    axes.tick_params(axis="y", length=0, labelcolor=stand_in("muted"), labelsize=11)


def name_ends(axes: "Axes", ends: Sequence[tuple[str, str | None, float]], *, narrow: bool) -> None:
    """Write each name, of an approach, beside the end of its curve; on a narrow page above it, within the picture."""
    low, high = (math.log(end) for end in axes.get_ylim())
    gap = min(_LABEL_GAP, 1 / max(1, len(ends)))
    placed: list[tuple[float, str, str | None]] = []
    for name, approach, end in sorted(ends, key=lambda item: item[2]):
        share = (math.log(end) - low) / (high - low)
        placed.append((max(share, placed[-1][0] + gap if placed else share), name, approach))
    over = max(0.0, placed[-1][0] - 1.0) if placed else 0.0
    limit = math.inf
    for share, name, approach in reversed(placed):
        y = min(share, limit, 1.0) if over else share
        limit = y - gap
        x, side = (0.99, "right") if narrow else (1.015, "left")
        axes.text(x, y + 0.03 * narrow, name, transform=axes.transAxes, ha=side, va="center",
                  color=stand_in(look(approach)[0]), fontsize=11)  # fmt: skip
