"""Reports: a stored run as HTML, Markdown, JSON, CSV and Parquet. Nothing here measures.

``load`` reads a run, ``sections`` say what it means in terms of ``content``, one renderer a format writes that down.
Importing this package imports nothing heavy; the functions below load what they need.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.load import Run

__all__ = ["load_run", "summary", "write_report"]


def load_run(folder: Path) -> "Run":
    """The run in `folder`; raises StoreError if there is none."""
    from reports.load import load

    return load(folder)


def summary(run: "Run") -> dict[str, Any]:
    """The summary of `run` as JSON values, as docs/summary.schema.json describes it."""
    from reports.document import document

    return document(run)


def write_report(run: "Run", folder: Path, formats: Sequence[str] = ("html", "md")) -> tuple[Path, ...]:
    """Write `run` into `folder`, a file a format, and return where they are.

    Raises
    ------
    UsageError
        On an unknown format.
    StoreError
        If the folder cannot be written.
    """
    from reports.formats import write

    return write(run, folder, formats)
