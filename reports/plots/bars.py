"""Bars from zero: one a row, for amounts that may be compared by length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.plots.palette import HOLLOW, look, stand_in
from reports.plots.rows import Label, linear_axis, mark_y, row_chart, style
from reports.plots.svg import inline


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its name, its amount (None draws no bar) and what is written beside it.

    Parameters
    ----------
    beyond
        Whether the amount is one that cannot be: drawn with a warning's hatch.
    """

    name: str
    amount: float | None
    shown: str
    approach: str | None
    beyond: bool = False


def bars(rows: Sequence[Bar], axis_title: str, tick: Callable[[float], str], alt: str, name: str, width_px: int) -> str:
    """Draw `rows` in their order."""
    with style():
        labels = [Label(row.name, row.shown if row.amount is not None else "", row.shown * (row.amount is None))
                  for row in rows]  # fmt: skip
        figure, axes = row_chart(labels, width_px, axis_title)
        linear_axis(axes, max((row.amount for row in rows if row.amount is not None), default=1.0), tick)
        for y, row in enumerate(rows):
            if row.amount is None:
                continue
            role, _ = look(row.approach)
            hatch = "////" if row.beyond else None
            axes.barh(
                [mark_y(y, width_px)],
                [row.amount],
                height=0.34 if width_px < 560 else 0.56,
                color=stand_in("surface" if role in HOLLOW or row.beyond else role),
                edgecolor=stand_in(role),
                linewidth=1.4,
                hatch=hatch,
                zorder=2,
            )
        return inline(figure, f"{name}-{width_px}", alt)
