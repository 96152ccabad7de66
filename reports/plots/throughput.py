"""Readings a second with intervals, on a log axis, one picture a ranking."""

from typing import TYPE_CHECKING

from reports.plots.palette import look, stand_in
from reports.plots.rows import NARROW_PX, Label, log_axis, mark, mark_y, row_chart, style
from reports.plots.svg import inline
from reports.ranking import Place, Ranking
from reports.text import COUNTS, in_words, quantity, round_quantity, times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def throughput(ranking: Ranking, name: str, width_px: int) -> str:
    """Draw `ranking`; a cell without a rank has its reason where its mark would be."""
    with style():
        return inline(throughput_figure(ranking, width_px), f"{name}-{width_px}", describe(ranking))


def throughput_figure(ranking: Ranking, width_px: int, title: str = "") -> "Figure":
    """The figure itself; call it inside `style`."""
    labels = [_label(place) for place in ranking.places]
    cells = [place.cell for place in ranking.ranked]
    baselines = {cell.speed_up.baseline for cell in cells if cell.speed_up}
    versus = f"{times(1)[-1]} {baselines.pop()}" if len(baselines) == 1 else "speed-up" if baselines else ""
    headers = ("readings/s", versus) if versus else ("readings/s",)
    approaches = [cell.approach for cell in cells]
    axis_title = "readings/s, log scale, with 95% interval"
    if ranking.baseline and width_px >= NARROW_PX:
        axis_title += "; ranked by speed-up"
    figure, axes = row_chart(labels, width_px, axis_title, headers, approaches, title)
    drawn = [cell.throughput.per_s for cell in cells if cell.throughput]
    low, high = min((item.low for item in drawn), default=1e5), max((item.high for item in drawn), default=1e6)
    log_axis(axes, low, high, lambda value: round_quantity(COUNTS, value))
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
    colour = stand_in(look(place.cell.approach)[0])
    left = axes.get_xlim()[0]
    axes.plot([left, speed.median], [y, y], color=colour, linewidth=1.0, alpha=0.35, zorder=1)
    axes.plot([speed.low, speed.high], [y, y], color=colour, linewidth=5.0, alpha=0.45, zorder=2)
    mark(axes, speed.median, y, place.cell.approach)


def _label(place: Place) -> Label:
    cell = place.cell
    if place.rank is None or cell.throughput is None:
        return Label(cell.implementation, instead=f"no rank: {place.unranked}")
    ratio = times(cell.speed_up.ratio.median) if cell.speed_up else ""
    figures = (quantity(COUNTS, cell.throughput.per_s.median), ratio)
    return Label(cell.implementation, figures, strong=place.rank == 1)
