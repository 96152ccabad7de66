"""Content as one HTML file that needs nothing else: styles, script and pictures inside, no network."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.content import Column, Figure, Section, Span, Table, Value, address
from reports.plots import palette

_TEMPLATES = Path(__file__).parent / "templates"
_WIDTHS_PX = {"wide": 1000, "narrow": 360}
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


def to_html(title: str, subtitle: str, sections: tuple[Section, ...]) -> str:
    """A whole report."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters.update(
        spans=spans, kind=kind, pictures=_pictures, decimals=decimals, parts=parts, address=address
    )
    style = _style()
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    return environment.get_template("report.html").render(
        title=title,
        subtitle=subtitle,
        sections=sections,
        style=Markup(style),  # noqa: S704  (a file of ours)
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def visible(value: Any) -> Any:
    """`value` with the characters replaced that a page must not hold or that would reorder what is around them."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def spans(text: object) -> Iterator[Span]:
    """The pieces of a rich text, each as a span."""
    for piece in (text,) if isinstance(text, str) else text:  # type: ignore[attr-defined]
        yield Span(piece) if isinstance(piece, str) else piece


def kind(content: object) -> str:
    """The name of the macro that shows a block: its type's name in lower case."""
    return type(content).__name__.lower()


def decimals(table: Table, index: int) -> int:
    """How many characters follow the decimal point in a column, so that the points can be set below each other."""
    column: Column = table.columns[index]
    if column.kind != "number" or any(row.values[index].detail for row in table.rows):
        return 0
    return min(max((len(parts(row.values[index])[1]) for row in table.rows), default=0), 5)


def parts(value: Value) -> tuple[str, str]:
    """A number before its decimal point, and from it on.

    >>> parts(Value("1,234.5")), parts(Value("12")), parts(Value("4.2×"))
    (('1,234', '.5'), ('12', ''), ('4', '.2×'))
    """
    match = re.fullmatch(r"([^.]*\d)(\.\d+[^\d\s]*|[^\d.,\s]*)", value.text)
    return (match.group(1), match.group(2)) if match else (value.text, "")


def _pictures(figure: Figure) -> list[tuple[str, Any]]:
    from markupsafe import Markup

    return [(size, Markup(figure.draw(width))) for size, width in _WIDTHS_PX.items()]  # noqa: S704  (drawn by plots)


def _style() -> str:
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    css = css.replace("/* light */", palette.rules("light")).replace("/* dark */", palette.rules("dark"))
    return css + palette.classes()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
