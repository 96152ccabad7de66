"""Where text goes: answers to standard output, progress to standard error; rich on a terminal, else plain lines."""

import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO


def make_standard_streams_usable() -> None:
    """Put /dev/null where a stream was closed, and have a terminal that lacks a letter show its number."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  (stays open)
            if getattr(sys, name).fileno() != descriptor:
                os.dup2(getattr(sys, name).fileno(), descriptor)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def drop_standard_output() -> None:
    """Send what is still to be written to standard output nowhere, since it cannot be written."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def say(text: str = "") -> None:
    """One line of the answer, on standard output."""
    print(text)  # noqa: T201  (this file is where the command line prints)


def note(text: str) -> None:
    """One line about the work, on standard error; that nobody is there to read it is no reason to end the work."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201


def say_damage(damages: Iterable[str]) -> None:
    """What of a stored run could not be read, a line each, on standard error."""
    for damage in damages:
        note(f"sensorbench: damaged: {damage}")


def say_json(document: Any) -> None:
    """A JSON document on standard output."""
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    say(json.dumps(document, indent=2, ensure_ascii=not is_utf8, allow_nan=False))


def say_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None, *, on_stderr: bool = False
) -> None:
    """A table on standard output, or error: drawn by rich on a terminal, aligned plain text elsewhere."""
    rows = [list(row) for row in rows]
    stream = sys.stderr if on_stderr else sys.stdout
    if stream.isatty():
        _draw(columns, rows, title, stream)
        return
    line_out = note if on_stderr else say
    if title:
        line_out(title)
    widths = [max(len(line[index]) for line in [list(columns), *rows]) for index in range(len(columns))]
    for line in [list(columns), *rows]:
        line_out("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _draw(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None, stream: TextIO) -> None:
    """A table as wide as the terminal at most: without lines and colours where it can do neither (TERM=dumb)."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(file=stream)
    lines: box.Box | None = box.HEAVY_HEAD
    if console.is_dumb_terminal:  # rich would take it for one of 80 columns, whatever it says of itself
        width, height = shutil.get_terminal_size()
        console = Console(file=stream, width=width, height=height, color_system=None, highlight=False)
        lines = None
    table = Table(*columns, title=title, title_justify="left", header_style="bold" if lines else "", box=lines)
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)
