"""The form most pictures have: a row an implementation, marks along one axis, the figure itself at the right."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.plots.palette import stand_in
from reports.text import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FONT_PX = 12.0
_CHARACTER_PX = 6.9
_NARROW_PX = 560
_MARGIN_PX = 14.0


@dataclass(frozen=True, slots=True)
class Label:
    """What is written beside a row: its name, its figure, or instead of marks why there are none."""

    name: str
    figure: str = ""
    instead: str = ""
    strong: bool = False


def style() -> AbstractContextManager[None]:
    """Settings of matplotlib for all pictures; names are never read as formulas."""
    import matplotlib as mpl

    ink, muted, grid = stand_in("ink"), stand_in("muted"), stand_in("grid")
    return mpl.rc_context(
        {
            "font.size": _FONT_PX,
            "font.family": "DejaVu Sans",
            "text.parse_math": False,
            "text.color": ink,
            "axes.labelcolor": muted,
            "axes.edgecolor": grid,
            "axes.linewidth": 1.0,
            "xtick.color": grid,
            "xtick.labelcolor": muted,
            "xtick.labelsize": 11.0,
            "axes.labelsize": 11.0,
            "grid.color": grid,
            "grid.linewidth": 1.0,
            "axes.unicode_minus": False,
        }
    )


def row_chart(labels: Sequence[Label], width_px: int, axis_title: str, header: str = "") -> "tuple[Figure, Axes]":
    """An empty chart with its labels written: row i is at y = i, from the top; call it inside `style`.

    On a narrow page names and figures stand above their rows, so that marks have the whole width.
    """
    from matplotlib.figure import Figure

    narrow = width_px < _NARROW_PX
    row_px, foot_px, head_px = (40.0 if narrow else 27.0), 46.0, (22.0 if header else 6.0)
    height_px = head_px + row_px * len(labels) + foot_px
    figure = Figure(figsize=(width_px / 72, height_px / 72), dpi=72)
    figure.patch.set_visible(False)
    left, right = (_MARGIN_PX, _MARGIN_PX) if narrow else _gutters(labels, width_px)
    span_px = width_px - left - right
    axes = figure.add_axes((left / width_px, foot_px / height_px, span_px / width_px, row_px * len(labels) / height_px))
    axes.patch.set_visible(False)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.tick_params(axis="x", which="both", length=0, pad=6)
    axes.grid(axis="x", which="major")
    axes.set_axisbelow(True)
    axes.set_xlabel(axis_title, labelpad=5)
    if header:
        figure.text(1 - _MARGIN_PX / width_px, 1 - 11 / height_px, header, ha="right", va="center", fontsize=11,
                    color=stand_in("muted"))  # fmt: skip
    _write(axes, labels, left, right, span_px, narrow=narrow)
    return figure, axes


def log_axis(axes: "Axes", low: float, high: float, name: Callable[[float], str]) -> None:
    """A log scale that holds `low` to `high` with some room, and ticks that say what they are."""
    import math

    from matplotlib.ticker import FixedLocator, NullLocator

    low, high = low / 1.6, high * 1.6
    if high / low < 10:
        middle = math.sqrt(high * low)
        low, high = middle / math.sqrt(10), middle * math.sqrt(10)
    decades = math.log10(high / low)
    steps = (1, 2, 5) if decades < 2.5 else (1,)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, round(decades / 8))
    ticks = [step * 10.0**power for power in range(first, last + 1, every) for step in steps]
    ticks = [tick for tick in ticks if low <= tick <= high]
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, [name(tick) for tick in ticks])


def linear_axis(axes: "Axes", high: float, name: Callable[[float], str]) -> None:
    """A scale from zero to `high`, with some room."""
    from matplotlib.ticker import MaxNLocator

    top = high * 1.04 or 1.0
    axes.set_xlim(0, top)
    ticks = [float(tick) for tick in MaxNLocator(5).tick_values(0, top) if 0 <= tick <= top]
    axes.set_xticks(ticks, [name(tick) for tick in ticks])


def mark(axes: "Axes", x: float, y: float, role: str, marker: str, **more: Any) -> None:
    """One marker, outlined so that it stands out from its ground."""
    colour = stand_in(role)
    settings: dict[str, Any] = {
        "markersize": 8.5 if marker in {"^", "v", "*", "p", "P"} else 7.5,
        "markeredgecolor": colour,
        "markerfacecolor": colour,
        "markeredgewidth": 1.6,
    }
    axes.plot([x], [y], marker, clip_on=False, zorder=3, **(settings | more))


def _gutters(labels: Sequence[Label], width_px: int) -> tuple[float, float]:
    left = max((len(label.name) for label in labels), default=0) * _CHARACTER_PX + 2 * _MARGIN_PX
    right = max((len(label.figure) for label in labels), default=0) * _CHARACTER_PX + 2 * _MARGIN_PX
    return min(left, width_px * 0.26), min(right, width_px * 0.3)


def _write(axes: "Axes", labels: Sequence[Label], left: float, right: float, span_px: float, *, narrow: bool) -> None:
    """Write names left of the rows and figures right of them, or both above on a narrow page."""
    across = axes.get_yaxis_transform()
    room = int((left - _MARGIN_PX) / _CHARACTER_PX) if not narrow else int(span_px * 0.55 / _CHARACTER_PX)
    for y, label in enumerate(labels):
        weight = "bold" if label.strong else "normal"
        name, tone = shortened(label.name, max(room, 8)), stand_in("muted" if label.instead else "ink")
        if narrow:
            axes.text(0, y - 0.3, name, transform=across, ha="left", va="center", weight=weight, color=tone)
            axes.text(1, y - 0.3, label.figure, transform=across, ha="right", va="center", weight=weight)
        else:
            gap = _MARGIN_PX / span_px
            axes.text(-gap, y, name, transform=across, ha="right", va="center", weight=weight, color=tone)
            axes.text(1 + right / span_px - gap, y, label.figure, transform=across, ha="right", va="center",
                      weight=weight)  # fmt: skip
        if label.instead:
            text = shortened(label.instead, int(span_px / (_CHARACTER_PX * 0.92)))
            axes.text(0, y + (0.08 if narrow else 0), text, transform=across, ha="left", va="center",
                      color=stand_in("muted"), style="italic", fontsize=11)  # fmt: skip


def mark_y(y: int, width_px: int) -> float:
    """Where a row's marks stand: below its text on a narrow page."""
    return y + 0.14 if width_px < _NARROW_PX else float(y)
