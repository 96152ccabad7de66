"""Folders of results: which stored run a text names, and where the results of a command go."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harness.errors import UsageError
from harness.store import MANIFEST_NAME

RESULTS = Path("results")


def run_named(text: str) -> Path:
    """The folder `text`, or, where there is none, the run of that name in results/."""
    folder = Path(text)
    return RESULTS / text if not folder.exists() and (RESULTS / text).is_dir() else folder


class _RunFolder(click.ParamType[Path]):
    name = "run"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return run_named(value) if isinstance(value, str) else value


def run_option_for(help_: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option that names a stored run."""
    return click.option("--run", "run", type=_RunFolder(), metavar="RUN", help=help_)


run_option = run_option_for("Add to this stored run: its folder, or its name in results/.")
out_option = click.option(
    "--out", "out", type=click.Path(path_type=Path), metavar="FOLDER", help="Folder (default: results/NEW)."
)


def new_folder(kind: str) -> Path:
    """A folder in results/ for results of `kind`, named after the moment."""
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    return RESULTS / f"{stamp}-{kind}"


def folder_for(run: Path | None, out: Path | None, kind: str) -> Path:
    """Where results go: the run to add to, the folder named, or a new one of `kind`.

    Raises
    ------
    UsageError
        If both are given, or there is no run to add to.
    """
    if run and out:
        raise UsageError("--run and --out exclude each other; --run adds to a run that is there")
    if run and not (run / MANIFEST_NAME).is_file():
        raise UsageError(f"{run}: holds no run; expected a folder made by 'sensorbench run', or give --out")
    return run or out or new_folder(kind)
