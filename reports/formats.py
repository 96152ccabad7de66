"""The formats of a report, by name: each a function from a run to the bytes of one file."""

import contextlib
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from harness.errors import StoreError, UsageError, meant
from reports.load import Run
from reports.text import moment

Told = Callable[[str], None]


def _nobody(_: str) -> None:
    """Who need not be told."""


def write(run: Run, folder: Path, formats: Iterable[str], told: Told = _nobody) -> tuple[Path, ...]:
    """Write `run` into `folder`, a file a format, each replaced whole; return where they are.

    `told` is told what of it could not be reported, which its place on the page says too.

    Raises
    ------
    UsageError
        On an unknown format, before anything is written.
    StoreError
        If the folder cannot be written.
    """
    written = []
    for file_name, render in [FORMATS[known_format(name)] for name in formats]:
        path = folder / file_name
        _replace(path, render(run, told))
        written.append(path)
    return tuple(written)


def known_format(name: str) -> str:
    """`name` as one of the formats; raises UsageError naming the nearest."""
    wanted = name.strip().lower()
    if wanted in FORMATS:
        return wanted
    hint = f"{meant(wanted, FORMATS, '')} there are {', '.join(FORMATS)}".lstrip()
    raise UsageError(f"no such format {name!r}; {hint}")


def _html(run: Run, told: Told) -> bytes:
    from reports.discover import build_sections
    from reports.html import to_html

    about = " · ".join(
        part for part in (run.level and f"{run.level.value} level", run.started and moment(run.started)) if part
    )
    return to_html(f"sensorbench: {run.id}", about or "a stored run", build_sections(run, told)).encode(
        "utf-8", "replace"
    )


def _markdown(run: Run, told: Told) -> bytes:
    from reports.discover import build_sections
    from reports.markdown import to_markdown

    return to_markdown(f"sensorbench: {run.id}", build_sections(run, told)).encode("utf-8", "replace")


def _json(run: Run, _: Told) -> bytes:
    from harness.store import encode
    from reports.document import document

    return (encode(document(run), indent=2) + "\n").encode("ascii")


def _csv(run: Run, _: Told) -> bytes:
    from reports.flat import to_csv

    return to_csv(run).encode("utf-8", "replace")


def _parquet(run: Run, _: Told) -> bytes:
    from reports.parquet import to_parquet

    return to_parquet(run)


def _pyperf(run: Run, _: Told) -> bytes:
    from reports.pyperf import to_pyperf

    return to_pyperf(run)


FORMATS: dict[str, tuple[str, Callable[[Run, Told], bytes]]] = {
    "html": ("report.html", _html),
    "md": ("report.md", _markdown),
    "json": ("summary.json", _json),
    "csv": ("cells.csv", _csv),
    "parquet": ("cells.parquet", _parquet),
    "pyperf": ("pyperf.json", _pyperf),
}
"""File name and renderer of each format."""


def _replace(path: Path, content: bytes) -> None:
    """Replace `path` whole: whoever opens it sees the old report or the new one, never a part."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(content)
            partial.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); check the folder, its permissions and free space,"
            " or name another with --out"
        ) from error
