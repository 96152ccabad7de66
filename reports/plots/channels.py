"""Channels: readings a second by length of batch, and the tail of the hand-over, both on log axes."""

from collections.abc import Sequence

from harness.results import ChannelResult
from harness.units import figure
from reports.plots.palette import look, stand_in
from reports.plots.rows import NARROW_PX, Label, log_axis, mark, mark_y, row_chart, style
from reports.plots.svg import inline
from reports.text import MILLION, SECONDS, quantity, round_quantity, times


def carried_plot(results: Sequence[ChannelResult], alt: str, name: str, width_px: int) -> str:
    """Draw a row a channel and length of batch: the median as a mark, its interval as a line."""
    rows = [(result, one) for result in results for one in result.carried]
    with style():
        labels = [
            Label(
                f"{result.channel}, {one.batch:,}",
                (figure(MILLION.of(one.per_s.median)), times(one.speed_up.ratio.median) if one.speed_up else ""),
            )
            for result, one in rows
        ]
        title = "million readings a second, log scale; 95% interval"
        headers = ("million/s", "speed-up")
        drawn, axes = row_chart(labels, width_px, title, headers, [result.approach for result, _ in rows])
        ends = [end for _, one in rows for end in (one.per_s.low, one.per_s.high)]
        log_axis(axes, min(ends), max(ends), lambda value: figure(MILLION.of(value)))
        for row, (result, one) in enumerate(rows):
            y = mark_y(row, width_px)
            colour = stand_in(look(result.approach)[0])
            axes.plot([one.per_s.low, one.per_s.high], [y, y], color=colour, linewidth=5.0, alpha=0.45, zorder=2)
            mark(axes, one.per_s.median, y, result.approach)
        return inline(drawn, f"{name}-{width_px}", alt)


def hand_over_plot(results: Sequence[ChannelResult], alt: str, name: str, width_px: int) -> str:
    """Draw a row a channel: the median as a mark, a line to the 99th percentile, a tick at the longest."""
    rows = [(result, late) for result in results if (late := result.hand_over) is not None]
    with style():
        labels = [
            Label(result.channel, (quantity(SECONDS, late.p50_s), quantity(SECONDS, late.p99_s or late.max_s)))
            for result, late in rows
        ]
        title = "hand-over of a batch, log scale: median (mark), 99th percentile (line), longest (tick)"
        if width_px < NARROW_PX:
            title = "hand-over, log scale: median, p99, longest"
        drawn, axes = row_chart(labels, width_px, title, ("p50", "p99"), [result.approach for result, _ in rows])
        log_axis(
            axes,
            min(late.p50_s for _, late in rows),
            max(late.max_s for _, late in rows),
            lambda value: round_quantity(SECONDS, value),
        )
        for row, (result, late) in enumerate(rows):
            y = mark_y(row, width_px)
            colour = stand_in(look(result.approach)[0])
            axes.plot([late.p50_s, late.max_s], [y, y], color=colour, linewidth=1.0, alpha=0.5, zorder=1)
            if late.p99_s is not None:
                axes.plot([late.p50_s, late.p99_s], [y, y], color=colour, linewidth=5.0, alpha=0.45, zorder=2)
            axes.plot([late.max_s], [y], "|", color=colour, markersize=9, markeredgewidth=1.4, zorder=2)
            mark(axes, late.p50_s, y, result.approach)
        return inline(drawn, f"{name}-{width_px}", alt)
