"""Turn a stored run into HTML, Markdown, JSON, CSV or Parquet."""

from pathlib import Path

import click

from harness.cli._folders import RESULTS, run_named
from harness.cli.console import note, say, say_damage
from harness.errors import UsageError


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@click.option(
    "--format",
    "formats",
    metavar="LIST",
    help="Any of html, md, json, csv, parquet, pyperf; with commas (default: html).",
)
@click.option("--out", "out", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to write (default: RUN).")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def command(run: str | None, formats: str | None, out: Path | None, as_json: bool) -> None:
    """Turn a stored run into a report: RUN is its folder, or its name in results/ (default: the newest there).

    json goes to standard output unless --out is given; every other format is written to a file whose path is printed.
    Exit code 1 if a section could not be told.

    \b
    Examples:
      sensorbench report
      sensorbench report results/NAME --format html,md,csv
      sensorbench report --format json | jq .cells[0].throughput
    """  # noqa: D301
    from reports.formats import FORMATS, known_format, write
    from reports.load import load, newest

    if as_json and formats:
        raise UsageError("--json and --format exclude each other; write --format json,html for both")
    asked = "json" if as_json else formats or "html"
    names = tuple(dict.fromkeys(known_format(name) for name in asked.split(",") if name.strip()))
    if not names:
        raise UsageError(f"--format {formats!r} names no format; there are {', '.join(FORMATS)}")
    folder = newest(RESULTS) if run is None else run_named(run)
    found = load(folder)
    say_damage(found.damage)
    printed = "json" in names and out is None
    failed: list[str] = []
    for path in write(found, out or folder, [name for name in names if name != "json" or not printed], failed.append):
        (note if printed else say)(str(path))
    if printed:
        say(FORMATS["json"][1](found, failed.append).decode().rstrip("\n"))
    for line in dict.fromkeys(failed):  # once each, in however many formats
        note(line)
    if failed:
        raise click.exceptions.Exit(1)
