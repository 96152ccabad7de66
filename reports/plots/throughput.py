"""Readings a second with intervals, on a log axis, one picture a ranking."""

from typing import TYPE_CHECKING

from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import Label, log_axis, mark, mark_y, row_chart, style
from reports.plots.svg import inline
from reports.ranking import Place, Ranking
from reports.text import COUNTS, TIMES, in_words, quantity, times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def throughput(ranking: Ranking, name: str, width_px: int) -> str:
    """Draw `ranking`; a cell without a rank has its reason where its mark would be."""
    with style():
        return inline(throughput_figure(ranking, width_px), f"{name}-{width_px}", describe(ranking))


def throughput_figure(ranking: Ranking, width_px: int) -> "Figure":
    """The figure itself; call it inside `style`."""
    labels = [_label(place) for place in ranking.places]
    header = "median, times the baseline" if any(TIMES in label.figure for label in labels) else ""
    figure, axes = row_chart(labels, width_px, "readings/s, log scale: median with its interval", header)
    drawn = [place.cell.throughput.per_s for place in ranking.ranked if place.cell.throughput]
    log_axis(axes, min((item.low for item in drawn), default=1.0), max((item.high for item in drawn), default=1e6),
             lambda value: quantity(COUNTS, value))  # fmt: skip
    for y, place in enumerate(ranking.places):
        if place.rank is not None:
            _draw(axes, place, mark_y(y, width_px))
    return figure


def describe(ranking: Ranking) -> str:
    """What the picture shows, as a sentence."""
    parts = []
    for place in ranking.ranked:
        assert place.cell.throughput is not None
        speed = place.cell.throughput.per_s
        parts.append(f"{place.cell.implementation} {in_words(speed.median)}")
    unranked = len(ranking.places) - len(ranking.ranked)
    tail = f"; {unranked} without a rank" if unranked else ""
    return f"Readings per second on {ranking.title}: {', '.join(parts) or 'none ranked'}{tail}."


def _draw(axes: "Axes", place: Place, y: float) -> None:
    assert place.cell.throughput is not None
    speed = place.cell.throughput.per_s
    role, marker = look(place.cell.approach)
    colour = stand_in(role)
    left = axes.get_xlim()[0]
    axes.plot([left, speed.median], [y, y], color=colour, linewidth=1.0, alpha=0.35, zorder=1)
    axes.plot([speed.low, speed.high], [y, y], color=colour, linewidth=4.5, alpha=0.45, zorder=2)
    mark(axes, speed.median, y, role, marker, markerfacecolor=stand_in("surface") if role in HOLLOW else colour)


def _label(place: Place) -> Label:
    cell = place.cell
    if place.rank is None or cell.throughput is None:
        return Label(cell.implementation, instead=f"no rank: {place.unranked}")
    speed = quantity(COUNTS, cell.throughput.per_s.median)
    ratio = f"   {times(cell.speed_up.ratio.median)}" if cell.speed_up else ""
    return Label(cell.implementation, speed + ratio, strong=place.rank == 1)
