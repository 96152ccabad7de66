"""Where text goes: answers to standard output, progress to standard error; rich on a terminal, else plain lines."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def say(text: str = "") -> None:
    """One line of the answer, on standard output."""
    print(text)  # noqa: T201  (this file is where the command line prints)


def note(text: str) -> None:
    """One line about the work, on standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def say_json(document: Any) -> None:
    """A JSON document on standard output."""
    say(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """A table on standard output: drawn and coloured by rich on a terminal, aligned plain text elsewhere."""
    rows = [list(row) for row in rows]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*columns, title=title, title_justify="left", header_style="bold")
        for row in rows:
            table.add_row(*map(escape, row))
        Console().print(table)
        return
    if title:
        say(title)
    widths = [max(len(line[index]) for line in [list(columns), *rows]) for index in range(len(columns))]
    for line in [list(columns), *rows]:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
