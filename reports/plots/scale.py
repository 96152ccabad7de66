"""Cost against size on two logarithmic axes: points with their spread, fitted curves, crossovers, cache edges."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import NARROW_PX, log_axis, style
from reports.plots.svg import inline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL_GAP = 0.045
"""Least distance between two names at the right, as a share of the height."""


@dataclass(frozen=True, slots=True)
class Line:
    """One implementation.

    Parameters
    ----------
    points
        Size, the cost of each process, and whether the working set is beyond the cache of the smallest.
    drawn
        Sizes and costs of the fitted curve; empty without a fit.
    """

    name: str
    approach: str | None
    points: tuple[tuple[float, tuple[float, ...], bool], ...]
    drawn: tuple[tuple[float, float], ...]


def scale_plot(
    lines: Sequence[Line],
    crossings: Sequence[tuple[float, float]],
    titles: tuple[str, str],
    ticks: tuple[Callable[[float], str], Callable[[float], str]],
    alt: str,
    name: str,
    width_px: int,
) -> str:
    """Draw `lines`; `crossings` are (size, cost) where two of them change places."""
    from matplotlib.figure import Figure

    height_px = min(420.0, 0.75 * width_px + 80)
    narrow = width_px < NARROW_PX
    left, right = (62.0, 14.0) if narrow else (74.0, 150.0)
    with style():
        figure = Figure(figsize=(width_px / 72, height_px / 72), dpi=72)
        figure.patch.set_visible(False)
        axes = figure.add_axes(
            (left / width_px, 46 / height_px, (width_px - left - right) / width_px, 1 - 74 / height_px)
        )
        axes.patch.set_visible(False)
        axes.spines[["right", "top"]].set_visible(False)
        axes.grid(which="major")
        axes.set_axisbelow(True)
        for line in lines:
            _draw(axes, line)
        for size, cost in crossings:
            axes.plot([size], [cost], "X", markersize=10, color=stand_in("ink"), zorder=5)
        sizes = [size for line in lines for size, _, _ in line.points]
        costs = [cost for line in lines for _, some, _ in line.points for cost in some]
        log_axis(axes, min(sizes), max(sizes), ticks[0])
        _log_y(axes, min(costs), max(costs), ticks[1])
        axes.set_xlabel(titles[0], labelpad=5)
        axes.text(0, 1.02, titles[1], transform=axes.transAxes, color=stand_in("muted"), fontsize=11, va="bottom")
        _name(axes, lines, narrow=narrow)
        return inline(figure, f"{name}-{width_px}", alt)


def _draw(axes: "Axes", line: Line) -> None:
    role, marker = look(line.approach)
    colour = stand_in(role)
    if line.drawn:
        axes.plot(*zip(*line.drawn, strict=True), color=colour, linewidth=1.4, alpha=0.8, zorder=2)
    for size, costs, beyond in line.points:
        axes.plot([size, size], [min(costs), max(costs)], color=colour, linewidth=4, alpha=0.35, zorder=3)
        face = stand_in("surface") if beyond or role in HOLLOW else colour
        axes.plot([size], [median(costs)], marker, markersize=6.5, markeredgecolor=colour, markerfacecolor=face,
                  markeredgewidth=1.5, zorder=4)  # fmt: skip


def _log_y(axes: "Axes", low: float, high: float, name: Callable[[float], str]) -> None:
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
    axes.tick_params(axis="x", length=0)


def _name(axes: "Axes", lines: Sequence[Line], *, narrow: bool) -> None:
    """Write each name beside its curve's end; on a narrow page above it, within the picture."""
    low, high = (math.log(end) for end in axes.get_ylim())
    placed: list[float] = []
    for line in sorted((line for line in lines if line.points), key=lambda line: median(line.points[-1][1])):
        share = (math.log(median(line.points[-1][1])) - low) / (high - low)
        y = max(share, placed[-1] + _LABEL_GAP if placed else share)
        placed.append(y)
        x, side = (0.99, "right") if narrow else (1.015, "left")
        axes.text(x, y + 0.03 * narrow, line.name, transform=axes.transAxes, ha=side, va="center",
                  color=stand_in(look(line.approach)[0]), fontsize=11)  # fmt: skip
