"""Measure how memory grows with what is retained, and how fast buffers come from a pool."""

import secrets
from pathlib import Path
from typing import Any

import click

from harness.cli._folders import folder_for, out_option, run_option
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import (
    COUNT,
    SECONDS,
    json_option,
    processor_option,
    processors,
    threads_option,
    workload_option_for,
)
from harness.errors import UsageError
from harness.results import Level
from harness.units import figure, format_bytes, format_count, parse_count


@click.command()
@processor_option
@workload_option_for(
    "Workload, or replay:FILE (tiled where it is shorter than what is retained); repeatable.", ("steady",)
)
@click.option(
    "--retain", "retained", metavar="COUNTS",
    help="Three or more counts of retained readings, as in 1e5,1e6,1e7 (default: 50,000 to 1,000,000).",
)  # fmt: skip
@click.option(
    "--sensors", type=COUNT, metavar="COUNT", help="Sensors (default: as the workload at small, mostly 1,000)."
)
@click.option("--batch", type=COUNT, default="10000", show_default=True, metavar="COUNT", help="Readings a batch.")
@click.option("--within", type=SECONDS, default="20s", show_default=True, help="What filling one history may take.")
@click.option("--allocating/--no-allocating", default=True, show_default=True, help="Time pools against fresh arrays.")
@threads_option
@run_option
@out_option
@json_option
def command(
    processor: tuple[str, ...],
    workload: tuple[str, ...],
    retained: str | None,
    sensors: int | None,
    batch: int,
    within: float,
    allocating: bool,
    threads: int,
    run: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure how memory grows with what is retained: bytes a reading, with the 95% interval of the slope.

    Each implementation is proved on the workload, then weighed with more and more retained, each time in a fresh
    process; what it retains in the end is compared with the oracle, reading by reading. Weighed is the peak over the
    runtime. Then buffers are taken and given back, from a pool and afresh, 10,000 of 1,000 values as the study has
    them. 'sensorbench report FOLDER' draws it.

    \b
    Examples:
      sensorbench memory                                       everything, up to 1,000,000 retained
      sensorbench memory -p ring_buffer -p bit_packed --retain 1e6,2e6,5e6,1e7 -w steady -w skewed
      sensorbench memory -p bit_packed -w replay:readings.csv  one's own readings
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.processes.handle import Limits
    from harness.optimize import allocating as buffers
    from harness.optimize import retention
    from harness.run.runner import default_memory_bytes

    folder = folder_for(run, out, "memory")
    for option, given in (("--batch", batch), ("--sensors", sensors)):
        if given is not None and given < 1:
            raise UsageError(f"{option} {given}; expected 1 or more")
    counts = _counts(retained) if retained else retention.VALUES
    entries = processors(processor)
    limits = Limits(threads=threads, memory_bytes=default_memory_bytes())
    seed = secrets.randbits(32)
    records = []
    with adding_to(folder, Level.DEFAULT, workload, seed) as store:
        questions = (retention.Question(entries, text, counts, sensors, batch, within) for text in workload)
        for question in questions:
            for record in retention.carry_out(question, limits, _progress):
                store.append(record)
                records.append(record)
        if allocating:
            for record in buffers.carry_out(limits, seed, _progress):
                store.append(record)
                records.append(record)
    if as_json:
        say_json(records)
    else:
        for record in records:
            _show(record) if record["kind"] == retention.RETENTION_KIND else _show_allocating(record)
        say(str(folder))
    curves = [curve for record in records for curve in record.get("curves", ())]
    if curves and not any(curve["points"] for curve in curves):
        raise click.exceptions.Exit(1)


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(sorted({parse_count(part.strip()) for part in text.split(",") if part.strip()}))
    if len(counts) < 3 or counts[0] < 1:
        raise UsageError(f"--retain {text}: expected at least three different counts of 1 or more, as in 1e5,1e6,1e7")
    return counts


def _progress(text: str, left_s: float | None = None) -> None:
    note(text)


def _show(record: dict[str, Any]) -> None:
    fixed = ", ".join(f"{format_count(count)} {name}" for name, count in record["fixed"].items())
    columns = ("implementation", "bytes a retained reading (95%)", "fixed", "most retained", "peak over runtime", "")
    say_table(columns, [_row(curve) for curve in record["curves"]], f"Memory on {record['workload']} ({fixed})")
    for curve in record["curves"]:
        facts = curve["points"][-1]["facts"] if curve["points"] else {}
        if facts:
            told = ", ".join(f"{name.replace('_', ' ')} {_fact(value)}" for name, value in facts.items())
            say(f"  {curve['implementation']} with {curve['points'][-1]['retain']:,} retained: {told}")
    say()


def _fact(value: float | int | str) -> str:
    return figure(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def _row(curve: dict[str, Any]) -> tuple[str, ...]:
    from reports.retention_results import NOT_RESOLVED, is_resolved

    left = curve["left_out"][0] if curve["left_out"] else None
    reason = f"left out from {left['retain']:,}: {left['reason']}" if left else ""
    if not curve["points"]:
        return curve["implementation"], "", "", "", "", reason
    last, fit = curve["points"][-1], curve["fit"]
    slope = "fewer than 3 points"
    if fit:
        found = fit["bytes_per_reading"]
        slope = (
            f"{found['median']:.2f} ({found['low']:.2f} to {found['high']:.2f})" if is_resolved(fit) else NOT_RESOLVED
        )
    fixed = format_bytes(max(0, round(fit["fixed_bytes"]))) if fit else ""
    return curve["implementation"], slope, fixed, format_count(last["retain"]), format_bytes(last["peak_bytes"]), reason


def _show_allocating(record: dict[str, Any]) -> None:
    rows = []
    for way in record["ways"]:
        ratio, middle = way["speed_up"], sorted(way["ns"])[len(way["ns"]) // 2]
        shown = f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})" if ratio else ""
        rows.append((way["way"], way["pattern"], f"{middle:.0f} ns", shown))
    title = f"A buffer of {record['values']:,} values taken and given back, {record['buffers']:,} times"
    say_table(("source", "pattern", "a buffer", "times as fast as fresh (95%)"), rows, title)
    say()
