"""Cost against size on two logarithmic axes: points with their spread, fitted curves, crossovers, cache edges."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from reports.plots.curves import framed, log_y, name_ends
from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import log_axis, style
from reports.plots.svg import inline

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    with style():
        figure, axes, narrow = framed(width_px)
        for line in lines:
            _draw(axes, line)
        for size, cost in crossings:
            axes.plot([size], [cost], "X", markersize=10, color=stand_in("ink"), zorder=5)
        sizes = [size for line in lines for size, _, _ in line.points]
        costs = [cost for line in lines for _, some, _ in line.points for cost in some]
        log_axis(axes, min(sizes), max(sizes), ticks[0])
        axes.tick_params(axis="x", length=0)
        log_y(axes, min(costs), max(costs), ticks[1])
        axes.set_xlabel(titles[0], labelpad=5)
        axes.text(0, 1.02, titles[1], transform=axes.transAxes, color=stand_in("muted"), fontsize=11, va="bottom")
        ends = [(line.name, line.approach, median(line.points[-1][1])) for line in lines if line.points]
        name_ends(axes, ends, narrow=narrow)
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
