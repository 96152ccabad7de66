"""What a report consists of, apart from how it looks: every section is made of these, every renderer reads them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

Style = Literal["strong", "code", "muted"]
Tone = Literal["", "good", "bad", "warn", "muted"]
ColumnKind = Literal["text", "number", "mark"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text with a style, or with the anchor of a section or a file of the run's folder it leads to."""

    text: str
    style: Style | None = None
    anchor: str | None = None
    file: str | None = None


Rich = str | tuple[str | Span, ...]
"""A text: plain, or pieces of which some have a style."""


def strong(text: str) -> Span:
    """`text` as what matters most in its sentence."""
    return Span(text, "strong")


def code(text: str) -> Span:
    """`text` as something to be typed."""
    return Span(text, "code")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph."""

    text: Rich


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence that a reader in a hurry takes away, and what qualifies it."""

    text: Rich
    details: tuple[Rich, ...] = ()


@dataclass(frozen=True, slots=True)
class Callout:
    """Something that changes how the rest is to be read."""

    tone: Literal["note", "warning", "danger"]
    title: str
    body: tuple[Rich, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list of points."""

    items: tuple[Rich, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that stands for itself."""

    label: str
    value: str
    detail: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Figures that stand side by side."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names with their values, too many for tiles and too plain for a table."""

    caption: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its unit, how its values are set, and what it means in one sentence.

    A ``mark`` column holds one sign a cell and has its title upright.
    """

    title: str
    unit: str = ""
    kind: ColumnKind = "text"
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One cell of a table.

    Parameters
    ----------
    text
        Empty where nothing is known: shown as a dash, never as 0.
    detail
        What goes with it, smaller: an interval, a condition.
    order
        What the column is sorted by; None sorts by the text, and an empty cell goes last in both directions.
    """

    text: str = ""
    detail: str = ""
    order: float | None = None
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. One with a `remark` has nothing to show in its empty cells; the remark says why."""

    values: tuple[Value, ...]
    remark: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Parameters
    ----------
    header
        Position of the column that names its row.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    header: int = 0
    sortable: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, drawn only by renderers that show it.

    Parameters
    ----------
    name
        Unique in the report, of letters, digits and hyphens.
    draw : callable
        Draws it as an inline SVG element for a width in CSS pixels.
    alt
        What it shows, for those who do not see it.
    """

    name: str
    caption: Rich
    alt: str
    draw: Callable[[int], str] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fold:
    """Detail that is closed until asked for."""

    summary: str
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; sections in its blocks are its subsections."""

    title: str
    anchor: str
    blocks: "tuple[Block, ...]"


Block = Paragraph | Headline | Callout | Items | Tiles | Pairs | Table | Figure | Fold | Section


def address(file: str) -> str:
    """A file of the run's folder as a relative address, whatever its name holds.

    >>> address("profiles/a b.html"), address("javascript:alert(1)"), address("//elsewhere")
    ('./profiles/a%20b.html', './javascript%3Aalert%281%29', './elsewhere')
    """
    return "./" + quote(file.lstrip("/"), safe="/", errors="replace")


def plain(text: Rich) -> str:
    """`text` without its styles.

    >>> plain(("fastest: ", strong("simd")))
    'fastest: simd'
    """
    pieces = (text,) if isinstance(text, str) else text
    return "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)
