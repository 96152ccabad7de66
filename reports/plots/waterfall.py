"""Waterfall: each phase begins where the one below it ended."""

from reports.ablation import Ladder, Rung
from reports.plots.palette import stand_in
from reports.plots.rows import NARROW_PX, Label, log_axis, mark, mark_y, row_chart, style
from reports.plots.svg import inline
from reports.text import COUNTS, TIMES, in_words, quantity, round_quantity, times


def waterfall(ladder: Ladder, name: str, width_px: int) -> str:
    """Draw the rungs of `ladder` that have a figure; the others say why they have none."""
    with style():
        labels = [_label(ladder, rung) for rung in ladder.rungs]
        figure, axes = row_chart(
            labels,
            width_px,
            "readings/s, log scale: from the phase below to this one",
            ("readings/s", f"{TIMES} below", f"{TIMES} before"),
        )
        known = [rung.per_s for rung in ladder.rungs if rung.per_s]
        log_axis(
            axes,
            min(speed.low for speed in known),
            max(speed.high for speed in known),
            lambda value: round_quantity(COUNTS, value),
        )
        below = axes.get_xlim()[0]
        for row, rung in enumerate(ladder.rungs):
            speed = rung.per_s
            if speed is None:
                continue
            y, role = mark_y(row, width_px), "integrated" if rung.on else "before"
            height = 0.3 if width_px < NARROW_PX else 0.52
            left, right = sorted((below, speed.median))
            axes.barh([y], [right - left], height=height, left=left, color=stand_in(role), alpha=0.55, zorder=2)
            axes.plot([speed.low, speed.high], [y, y], color=stand_in("ink"), linewidth=2.0, zorder=3)
            mark(axes, speed.median, y, "integrated" if rung.on else "before")
            if row + 1 < len(ladder.rungs):
                ends = [y, mark_y(row + 1, width_px)]
                axes.plot([speed.median] * 2, ends, color=stand_in("muted"), linewidth=1.0, linestyle=":", zorder=1)
            below = speed.median
        return inline(figure, f"{name}-{width_px}", describe(ladder))


def describe(ladder: Ladder) -> str:
    """What the picture shows, as a sentence."""
    parts = [f"{rung.name} {in_words(rung.per_s.median)}" for rung in ladder.rungs if rung.per_s]
    return f"Readings per second from phase to phase at {ladder.sensors:,} sensors: {', '.join(parts)}."


def _label(ladder: Ladder, rung: Rung) -> Label:
    if rung.per_s is None:
        return Label(rung.name, instead=f"{rung.cell.status}: {rung.cell.reason}")
    step = ladder.step(rung.name)
    return Label(
        rung.name,
        (
            quantity(COUNTS, rung.per_s.median),
            times(step.median) if step else "",
            times(rung.ratio.median) if rung.ratio else "",
        ),
        strong=rung is ladder.rungs[-1],
    )
