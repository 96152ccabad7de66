"""Content as Markdown in GitHub's dialect: tables, alerts, details; no pictures."""

import re
from collections.abc import Iterable
from functools import singledispatch

from reports.content import (
    Callout,
    Column,
    Figure,
    Fold,
    Headline,
    Items,
    Pairs,
    Paragraph,
    Rich,
    Section,
    Span,
    Table,
    Tiles,
    Value,
    address,
)
from reports.text import DASH

_ALERTS = {"note": "NOTE", "warning": "WARNING", "danger": "CAUTION"}
_SPECIAL = re.compile(r"([\\`*\[\]|~#]|(?<!\w)_|_(?!\w))")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BARE_LINK = re.compile(r"\b(https?)://", re.IGNORECASE)


def to_markdown(title: str, sections: tuple[Section, ...]) -> str:
    """A whole report."""
    return "\n\n".join([f"# {escape(title)}", *(_section(section, 2) for section in sections)]) + "\n"


def escape(text: str) -> str:
    r"""`text` so that Markdown shows it as it is, on one line.

    >>> escape("<b>*hash_indexed* | _x_")
    '&lt;b>\\*hash_indexed\\* \\| \\_x\\_'
    """
    text = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
    text = _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    return _BARE_LINK.sub(r"\1&#58;//", text)


def inline(text: Rich) -> str:
    """`text` with its styles."""
    pieces = (text,) if isinstance(text, str) else text
    return "".join(escape_piece(piece) if isinstance(piece, str) else _span(piece) for piece in pieces)


def escape_piece(text: str) -> str:
    """`text` escaped with the spaces at its ends kept."""
    core = escape(text)
    return f"{' ' * text[:1].isspace()}{core}{' ' * text[-1:].isspace()}" if core else text and " "


@singledispatch
def block(content: object, depth: int) -> str:
    """One block as Markdown, its subsections with headings of `depth`."""
    raise TypeError(f"{type(content).__name__} is no content of a report")


@block.register
def _paragraph(content: Paragraph, depth: int) -> str:
    return inline(content.text)


@block.register
def _headline(content: Headline, depth: int) -> str:
    return "\n\n".join([f"**{inline(_unstyled(content.text))}**", *map(inline, content.details)])


@block.register
def _callout(content: Callout, depth: int) -> str:
    lines = [f"**{escape(content.title)}**", *(f"- {inline(line)}" for line in content.body)]
    return "\n".join([f"> [!{_ALERTS[content.tone]}]", *(f"> {line}" for line in lines)])


@block.register
def _items(content: Items, depth: int) -> str:
    return "\n".join(f"- {inline(item)}" for item in content.items)


@block.register
def _tiles(content: Tiles, depth: int) -> str:
    return "\n".join(
        f"- {escape(tile.label)}: **{escape(tile.value)}**" + (f" ({escape(tile.detail)})" if tile.detail else "")
        for tile in content.tiles
    )


@block.register
def _pairs(content: Pairs, depth: int) -> str:
    lines = [f"| {escape(content.caption)} | |", "| :--- | :--- |"]
    lines += [f"| {escape(name)} | {escape(value) or DASH} |" for name, value in content.pairs]
    return f"<details>\n<summary>{escape(content.caption)}</summary>\n\n{_lines(lines)}\n\n</details>"


@block.register
def _figure(content: Figure, depth: int) -> str:
    return ""


@block.register
def _fold(content: Fold, depth: int) -> str:
    inside = _join(block(item, depth) for item in content.blocks)
    return f"<details>\n<summary>{escape(content.summary)}</summary>\n\n{inside}\n\n</details>"


@block.register
def _section(content: Section, depth: int) -> str:
    tables = sum(isinstance(item, Table) for item in content.blocks)
    pictures_only = not any(isinstance(item, Table | Section | Headline) for item in content.blocks)
    parts = [f"{'#' * min(depth, 6)} {escape(content.title)}"]
    for item in content.blocks:
        if isinstance(item, Table) and tables > 1:
            parts.append(f"_{escape(item.caption)}_")
        shown = f"{item.alt}." if isinstance(item, Figure) and pictures_only else ""
        parts.append(escape(shown) or block(item, depth + 1))
    return _join(parts)


@block.register
def table(content: Table, depth: int = 0) -> str:
    """A table; the remark of a row stands in its last cell."""
    rules = ["---:" if column.kind == "number" else ":---" for column in content.columns]
    lines = [[_title(column) for column in content.columns], rules]
    for row in content.rows:
        last = len(row.values) - 1
        shown = [_cell(value, index == content.header and row.tone == "good") for index, value in enumerate(row.values)]
        lines.append([*shown[:last], escape(row.remark)] if row.remark else shown)
    return _lines("| " + " | ".join(line) + " |" for line in lines)


def _join(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _title(column: Column) -> str:
    return escape(column.title) + (f" ({escape(column.unit)})" if column.unit else "")


def _cell(value: Value, strong: bool) -> str:
    if not value.text:
        return escape(value.detail) or DASH
    text = f"**{escape(value.text)}**" if strong else escape(value.text)
    return f"{text} ({escape(value.detail)})" if value.detail else text


def _span(piece: Span) -> str:
    if piece.style == "code":
        fence = "``" if "`" in piece.text else "`"
        text = " ".join(piece.text.split()).replace("|", "\\|")
        return f"{fence} {text} {fence}" if fence == "``" else f"`{text}`"
    text = escape_piece(piece.text)
    if piece.file:
        return f"[{text}]({address(piece.file)})"
    return f"**{text}**" if piece.style == "strong" else text


def _unstyled(text: Rich) -> Rich:
    return text if isinstance(text, str) else tuple(p if isinstance(p, str) else Span(p.text) for p in text)
