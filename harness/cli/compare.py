"""Compare two stored runs, or two implementations live."""

import math
from dataclasses import replace
from pathlib import Path

import click

from harness.cli._folders import run_named
from harness.cli.console import say, say_damage, say_json
from harness.cli.options import json_option, level_of, refuse, size_option, threads_option, workload_option_for
from harness.discovery import entries, find
from harness.errors import InputError, UnknownNameError, UsageError
from harness.store import CELLS_NAME, MANIFEST_NAME

_LIVE_ALONE = {"workload", "size", "threads", "quick", "rigorous"}
_STORED_ALONE = {"allow_unlike"}


def _share(_context: click.Context, _parameter: click.Parameter, text: str) -> float:
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not 0 < value < (10 if text.endswith("%") else 1):  # a plain 5 would be 500%, and is hardly ever meant
        raise click.BadParameter(f"{text!r} is no share; write it like 5% or 0.05")
    return value


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--threshold", default="5%", show_default=True, callback=_share, help="Slowdown or growth that counts.")
@click.option("--allow-unlike", is_flag=True, help="Compare runs of unlike machines or inputs; marked as such.")
@click.option("--rigorous", is_flag=True, help="Live: pairs until the interval is within 1%.")
@click.option("--quick", is_flag=True, help="Live: 3 pairs, an interval without a verdict, so never exit code 1.")
@workload_option_for("Live: workload, a name, replay:FILE or path/to/file.py; repeatable.", ("steady",))
@size_option
@threads_option
@json_option
def command(
    before: str,
    after: str,
    threshold: float,
    allow_unlike: bool,
    rigorous: bool,
    quick: bool,
    workload: tuple[str, ...],
    size: str | None,
    threads: int,
    as_json: bool,
) -> None:
    """Compare two stored runs, or two implementations live; Markdown fit for a pull request.

    A and B are runs (folders, or their names in results/), or implementations as -p takes them. Exit code 1 if B is
    slower or larger than A by more than --threshold with certainty (the whole interval lies beyond it), or no longer
    right. Of two runs the speed is judged against a baseline that both have, from 6 pairs in each; what was timed
    alone in two sessions decides nothing.

    \b
    Examples:
      sensorbench compare results/before results/after
      sensorbench compare simd 'simd[block_size=512]' -w steady --size medium
      sensorbench compare simd ./my_variant.py --rigorous --threshold 2%
    """  # noqa: D301
    known = entries("processors")
    first, second = (Path(text) if text in known else run_named(text) for text in (before, after))
    stored = [(folder / MANIFEST_NAME).is_file() or (folder / CELLS_NAME).is_file() for folder in (first, second)]
    for text, folder, is_run in zip((before, after), (first, second), stored, strict=True):
        if not is_run:
            _check_is_implementation(text, folder)
    if any(stored) and not all(stored):
        raise UsageError(f"{before} and {after}: one is a run, the other is not; give two runs or two implementations")
    if all(stored) and first.resolve() == second.resolve():
        raise UsageError(f"{before} and {after} are one and the same run; give two")
    context = click.get_current_context()
    if all(stored):
        refuse(context, _LIVE_ALONE, "two stored runs are compared as they were measured")
        is_bad = _compare_stored(first, second, threshold, allow_unlike, as_json)
    else:
        from harness.cli._compare_live import compare_live

        level = level_of(quick, rigorous)
        refuse(context, _STORED_ALONE, "two implementations are measured here and now, on one input")
        is_bad = compare_live(before, after, workload, size, level, threads, threshold, as_json)
    if is_bad:
        raise click.exceptions.Exit(1)


def _check_is_implementation(text: str, folder: Path) -> None:
    """See that `text`, which names no run, is an implementation.

    Raises
    ------
    UsageError
        If it is neither; both readings are said.
    """
    try:
        find("processors", text)
    except (UnknownNameError, InputError) as error:
        what = "the folder holds none" if folder.is_dir() else "no such folder, here or in results/"
        raise UsageError(f"{text} is neither a run ({what}) nor an implementation ({error})") from error


def _compare_stored(before: Path, after: Path, threshold: float, allow_unlike: bool, as_json: bool) -> bool:
    from harness.machine import alike
    from reports.comparison import compare_runs
    from reports.comparison_text import comparison_json, comparison_markdown
    from reports.load import load

    runs = load(before), load(after)
    for run in runs:
        say_damage(run.damage)
    for folder, run in zip((before, after), runs, strict=True):
        if not run.cells:
            raise UsageError(f"{folder}: holds no cell to compare; give a folder made by 'sensorbench run'")
    if runs[0].id == runs[1].id:
        runs = replace(runs[0], id=str(before)), replace(runs[1], id=str(after))
    differences = alike(runs[0].environment, runs[1].environment)
    comparison = compare_runs(*runs, threshold, tuple(differences), allow_unlike=allow_unlike)
    if as_json:
        say_json(comparison_json(comparison))
    else:
        say(comparison_markdown(comparison).rstrip())
    return comparison.is_bad
