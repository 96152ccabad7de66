"""Service time of single calls: median, 99th percentile and maximum on one line, on a log axis."""

from collections.abc import Sequence

from harness.results import Cell, Service
from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import Label, log_axis, mark, mark_y, row_chart, style
from reports.plots.svg import inline
from reports.text import SECONDS, quantity


def service_times(cells: Sequence[Cell], alt: str, name: str, width_px: int) -> str:
    """Draw the service times of `cells`, all of which have some."""
    found = [(cell, cell.service) for cell in cells if cell.service]
    with style():
        labels = [Label(cell.implementation, _beside(service)) for cell, service in found]
        title = "time of a call, log scale: median (mark), 99th percentile (line), longest (tick)"
        if width_px < 560:
            title = "time of a call, log scale: median, p99, longest"
        figure, axes = row_chart(labels, width_px, title, "median, 99th percentile")
        log_axis(axes, min(service.p50_s for _, service in found), max(service.max_s for _, service in found),
                 lambda value: quantity(SECONDS, value).replace(".00", ""))  # fmt: skip
        for row, (cell, service) in enumerate(found):
            y = mark_y(row, width_px)
            role, marker = look(cell.approach)
            colour = stand_in(role)
            axes.plot([service.p50_s, service.max_s], [y, y], color=colour, linewidth=1.0, alpha=0.5, zorder=1)
            if service.p99_s is not None:
                axes.plot([service.p50_s, service.p99_s], [y, y], color=colour, linewidth=4.5, alpha=0.45, zorder=2)
            axes.plot([service.max_s], [y], "|", color=colour, markersize=9, markeredgewidth=1.4, zorder=2)
            mark(
                axes, service.p50_s, y, role, marker, markerfacecolor=stand_in("surface") if role in HOLLOW else colour
            )
        return inline(figure, f"{name}-{width_px}", alt)


def _beside(service: Service) -> str:
    tail = f"   {quantity(SECONDS, service.p99_s)}" if service.p99_s is not None else ""
    return quantity(SECONDS, service.p50_s) + tail
