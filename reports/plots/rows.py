"""The form most pictures have: a row an implementation, marks along one axis, the figures themselves at the right."""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.plots.palette import HOLLOW, look, stand_in
from reports.text import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NARROW_PX = 560
"""Below this width names and figures stand above their rows, so that marks have the whole width."""

_FONT_PX = 12.5
_SMALL_PX = 11.0
_CHARACTER_PX = 7.0
_MARGIN_PX = 14.0
_FOOT_PX = 46.0
_HEAD_PX = 20.0


@dataclass(frozen=True, slots=True)
class Label:
    """What is written beside a row.

    Parameters
    ----------
    figures
        Set below each other, right-aligned, under the chart's headers.
    instead
        Why the row has no marks.
    """

    name: str
    figures: tuple[str, ...] = ()
    instead: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are, in CSS pixels."""

    width: float
    height: float
    left: float
    right: float
    row: float
    head: float
    ends: tuple[float, ...]

    @property
    def span(self) -> float:
        return self.width - self.left - self.right


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
            "xtick.labelsize": _SMALL_PX,
            "ytick.color": grid,
            "ytick.labelcolor": muted,
            "ytick.labelsize": _SMALL_PX,
            "axes.labelsize": _SMALL_PX,
            "grid.color": grid,
            "grid.linewidth": 1.0,
            "hatch.color": muted,
            "axes.unicode_minus": False,
        }
    )


def row_chart(
    labels: Sequence[Label],
    width_px: int,
    axis_title: str,
    headers: Sequence[str] = (),
    approaches: Sequence[str | None] = (),
    title: str = "",
) -> "tuple[Figure, Axes]":
    """An empty chart with its labels and a legend of `approaches` written; call it inside `style`.

    Row i is at y = i from the top; its marks belong at ``mark_y(i, width_px)``.
    """
    from matplotlib.figure import Figure

    legend = list(dict.fromkeys(approach for approach in approaches if approach))
    place = _layout(labels, width_px, headers, legend, 28.0 if title else 0.0)
    figure = Figure(figsize=(width_px / 72, place.height / 72), dpi=72)
    figure.patch.set_visible(False)
    rows_px = place.row * len(labels)
    axes = figure.add_axes(
        (place.left / width_px, _FOOT_PX / place.height, place.span / width_px, rows_px / place.height)
    )
    axes.patch.set_visible(False)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.tick_params(axis="x", which="both", length=0, pad=6)
    axes.grid(axis="x", which="major")
    axes.set_axisbelow(True)
    axes.set_xlabel(axis_title, labelpad=5)
    for y, label in enumerate(labels):
        _write(axes, y, label, place)
    _head(axes, place, headers, legend, len(labels))
    if title:
        figure.text(14 / width_px, 1 - 18 / place.height, title, va="center", weight="bold", fontsize=14)
    return figure, axes


def log_axis(axes: "Axes", low: float, high: float, name: Callable[[float], str]) -> None:
    """A log scale that holds `low` to `high` with some room, and ticks that say what they are."""
    from matplotlib.ticker import NullLocator

    low, high = low / 1.6, high * 1.6
    if high / low < 10:
        middle = math.sqrt(high * low)
        low, high = middle / math.sqrt(10), middle * math.sqrt(10)
    decades = math.log10(high / low)
    narrow = axes.figure.get_figwidth() * 72 < NARROW_PX  # type: ignore[union-attr]
    every = max(1, math.ceil(decades / (4 if narrow else 8)))
    steps = (1, 2, 5) if decades < 1.6 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers if power % every == 0 for step in steps]
    ticks = [tick for tick in ticks if low <= tick <= high]
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, [name(tick) for tick in ticks])


def linear_axis(axes: "Axes", high: float, name: Callable[[float], str]) -> None:
    """A scale from zero to `high`, with some room."""
    from matplotlib.ticker import MaxNLocator

    top = high * 1.04 or 1.0
    axes.set_xlim(0, top)
    ticks = [float(tick) for tick in MaxNLocator(5).tick_values(0, top) if 0 <= tick <= top]
    axes.set_xticks(ticks, [name(tick) for tick in ticks])


def mark(axes: "Axes", x: float, y: float, approach: str | None, **more: Any) -> None:
    """One marker in the look of an approach; `more` goes to matplotlib's plot."""
    role, marker = look(approach)
    colour = stand_in(role)
    settings: dict[str, Any] = {
        "markersize": 9.0 if marker in "^v*pP" else 7.5,
        "markeredgecolor": colour,
        "markerfacecolor": stand_in("surface") if role in HOLLOW else colour,
        "markeredgewidth": 1.7,
    }
    axes.plot([x], [y], marker, clip_on=False, zorder=3, **(settings | more))


def mark_y(y: int, width_px: int) -> float:
    """Where a row's marks stand: below its text on a narrow page."""
    return y + 0.16 if width_px < NARROW_PX else float(y)


def _layout(
    labels: Sequence[Label], width_px: int, headers: Sequence[str], legend: Sequence[str], title_px: float
) -> _Layout:
    narrow = width_px < NARROW_PX
    row_px = 42.0 if narrow else 27.0
    head_px = title_px + 8.0 + _HEAD_PX * (bool(headers) + len(_legend_lines(legend, width_px)))
    if narrow:
        left, right, ends = _MARGIN_PX, _MARGIN_PX, tuple[float, ...]()
    else:
        left = min(max((len(label.name) for label in labels), default=0) * _CHARACTER_PX + 24, width_px * 0.27)
        columns = max((len(label.figures) for label in labels), default=0)
        texts = [
            [header, *(label.figures[index] for label in labels if index < len(label.figures))]
            for index, header in zip(range(columns), [*headers, *[""] * columns], strict=False)
        ]
        widths = [max(map(len, column)) * _CHARACTER_PX + _MARGIN_PX for column in texts]
        right = sum(widths) + _MARGIN_PX
        ends = tuple(width_px - left - right + sum(widths[: index + 1]) + _MARGIN_PX / 2 for index in range(columns))
    return _Layout(width_px, head_px + row_px * len(labels) + _FOOT_PX, left, right, row_px, head_px, ends)


def _write(axes: "Axes", y: int, label: Label, place: _Layout) -> None:
    """Write a name left of its row and figures right of it, or both above it on a narrow page."""
    narrow = place.width < NARROW_PX
    common: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
    weight = "bold" if label.strong else "normal"
    tone = stand_in("muted" if label.instead else "ink")
    if narrow:
        name = shortened(label.name, int(place.span * 0.52 / _CHARACTER_PX))
        axes.text(0, y - 0.26, name, ha="left", weight=weight, color=tone, **common)
        axes.text(1, y - 0.26, " · ".join(filter(None, label.figures)), ha="right", weight=weight, **common)
    else:
        name = shortened(label.name, int((place.left - 24) / _CHARACTER_PX))
        axes.text(-12 / place.span, y, name, ha="right", weight=weight, color=tone, **common)
        for end, text in zip(place.ends, label.figures, strict=False):
            axes.text(end / place.span, y, text, ha="right", weight=weight, **common)
    if label.instead:
        room = place.span if narrow else place.span + place.right - _MARGIN_PX
        text = shortened(label.instead, int(room / (_CHARACTER_PX * 0.86)))
        axes.text(0, y + 0.16 * narrow, text, ha="left", color=tone, style="italic", fontsize=_SMALL_PX, **common)


def _head(axes: "Axes", place: _Layout, headers: Sequence[str], legend: Sequence[str], rows: int) -> None:
    """Write the headers of the figures and what the markers mean, above the rows."""
    narrow = place.width < NARROW_PX
    rows_px = place.row * rows
    small: dict[str, Any] = {
        "transform": axes.transAxes,
        "va": "center",
        "color": stand_in("muted"),
        "fontsize": _SMALL_PX,
    }

    def above(line: float) -> float:
        return 1 + (line * _HEAD_PX + 10) / rows_px

    if narrow and any(headers):
        axes.text(1, above(0), " · ".join(headers), ha="right", **small)
    elif not narrow:
        for end, header in zip(place.ends, headers, strict=False):
            axes.text(end / place.span, above(0), header, ha="right", **small)
    lines = _legend_lines(legend, place.width)
    for index, line in enumerate(lines):
        y = above(len(lines) - 1 - index + bool(any(headers)))
        x_px = (0.0 if narrow else 12.0 - place.left) + 6
        for approach in line:
            mark(axes, x_px / place.span, y, approach, transform=axes.transAxes)
            axes.text((x_px + 10) / place.span, y, approach, ha="left", **small)
            x_px += _legend_px(approach)


def _legend_px(approach: str) -> float:
    return len(approach) * 6.2 + 40


def _legend_lines(legend: Sequence[str], width_px: float) -> list[list[str]]:
    """The legend broken into lines that fit."""
    lines: list[list[str]] = []
    room = 0.0
    for approach in legend:
        needed = _legend_px(approach)
        if needed > room or not lines:
            lines.append([])
            room = width_px - 2 * _MARGIN_PX
        lines[-1].append(approach)
        room -= needed
    return lines
