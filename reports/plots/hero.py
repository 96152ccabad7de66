"""The picture a project opens with: one ranking as a file of its own, in light and in dark."""

from dataclasses import replace

from reports.plots.rows import style
from reports.plots.svg import standalone
from reports.plots.throughput import describe, throughput_figure
from reports.ranking import Ranking

_WIDTH_PX = 880


def hero(ranking: Ranking, title: str = "") -> str:
    """The ranked cells of `ranking` as an SVG document."""
    ranked = replace(ranking, places=ranking.ranked)
    with style():
        figure = throughput_figure(ranked, _WIDTH_PX, title or f"Readings/s on {ranking.title}, verified")
        return standalone(figure, "hero", describe(ranked))
