"""Bars from zero: one a row, for amounts that may be compared by length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import NARROW_PX, Label, linear_axis, mark_y, row_chart, style
from reports.plots.svg import inline


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its name, its amount, how that is written, whose it is.

    Parameters
    ----------
    beyond
        Whether the amount is one that cannot be: hatched.
    """

    name: str
    amount: float
    shown: str
    approach: str | None
    beyond: bool = False


def bars(
    rows: Sequence[Bar],
    axis_title: str,
    header: str,
    tick: Callable[[float], str],
    alt: str,
    name: str,
    width_px: int,
    *,
    least: float = 0.0,
) -> str:
    """Draw `rows` in their order, on an axis that reaches at least `least`."""
    with style():
        labels = [Label(row.name, (row.shown,)) for row in rows]
        figure, axes = row_chart(labels, width_px, axis_title, (header,), [row.approach for row in rows])
        linear_axis(axes, max(least, *(row.amount for row in rows)), tick)
        for y, row in enumerate(rows):
            role, _ = look(row.approach)
            axes.barh(
                [mark_y(y, width_px)],
                [row.amount],
                height=0.3 if width_px < NARROW_PX else 0.52,
                color=stand_in("surface" if role in HOLLOW or row.beyond else role),
                edgecolor=stand_in(role),
                linewidth=1.4,
                hatch="////" if row.beyond else None,
                zorder=2,
            )
        return inline(figure, f"{name}-{width_px}", alt)
