"""Service time of single calls: median, 99th percentile and maximum on one line, on a log axis."""

from collections.abc import Sequence

from harness.results import Cell, Service
from reports.plots.palette import look, stand_in
from reports.plots.rows import NARROW_PX, Label, log_axis, mark, mark_y, row_chart, style
from reports.plots.svg import inline
from reports.text import SECONDS, quantity, round_quantity


def service_times(cells: Sequence[Cell], alt: str, name: str, width_px: int) -> str:
    """Draw the service times of `cells`, all of which have some."""
    found = [(cell, cell.service) for cell in cells if cell.service]
    with style():
        labels = [Label(cell.implementation, _beside(service)) for cell, service in found]
        title = "time of a call, log scale: median (mark), 99th percentile (line), longest (tick)"
        if width_px < NARROW_PX:
            title = "time of a call, log scale: median, p99, longest"
        figure, axes = row_chart(labels, width_px, title, ("p50", "p99"), [cell.approach for cell, _ in found])
        shortest, longest = min(service.p50_s for _, service in found), max(service.max_s for _, service in found)
        log_axis(axes, shortest, longest, lambda value: round_quantity(SECONDS, value))
        for row, (cell, service) in enumerate(found):
            y = mark_y(row, width_px)
            colour = stand_in(look(cell.approach)[0])
            axes.plot([service.p50_s, service.max_s], [y, y], color=colour, linewidth=1.0, alpha=0.5, zorder=1)
            if service.p99_s is not None:
                axes.plot([service.p50_s, service.p99_s], [y, y], color=colour, linewidth=5.0, alpha=0.45, zorder=2)
            axes.plot([service.max_s], [y], "|", color=colour, markersize=9, markeredgewidth=1.4, zorder=2)
            mark(axes, service.p50_s, y, cell.approach)
        return inline(figure, f"{name}-{width_px}", alt)


def _beside(service: Service) -> tuple[str, str]:
    tail = quantity(SECONDS, service.p99_s) if service.p99_s is not None else ""
    return quantity(SECONDS, service.p50_s), tail
