"""Measure how long readings wait at an offered load, from intended arrival to hand-back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli._folders import folder_for
from harness.cli._load_session import Several, TimeLeft, load_options
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import RATE, SECONDS, check_sensors, processors
from harness.discovery import find
from harness.results import Cell, Latency, Level, Status
from harness.units import format_rate, format_seconds

if TYPE_CHECKING:
    from harness.run.loads import Outcome
    from harness.store import Store

_LATE_REMEDY = (
    "what is not valid was measured on a machine that is too busy: see 'sensorbench doctor' for what would quiet it, "
    "or take it longer (--seconds) or more often (--repeat)"
)
_COLUMNS = (
    "implementation", "workload", "offered", "handed over", "p50", "p99", "p99.9", "longest", "kept up",
    "idle loop's longest",
)  # fmt: skip


@click.command()
@load_options
@click.option(
    "--rate",
    "rates",
    type=Several(RATE),
    default="1e6",
    show_default=True,
    metavar="PER_S",
    help="Offered load, readings a second; several with commas.",
)
@click.option("--seconds", type=SECONDS, default=5.0, show_default=True, help="How long each load lasts.")
@click.option("--repeat", type=click.IntRange(1, 1000), default=3, show_default=True, help="Times each load is taken.")
@click.option(
    "--interval",
    "intervals",
    type=Several(SECONDS),
    metavar="TIMES",
    help="Hand over in micro-batches of these lengths, e.g. 1ms,10ms,100ms (default: at once).",
)
def command(
    processor: tuple[str, ...],
    workload: tuple[str, ...],
    size: str | None,
    threads: int,
    channel: str | None,
    arrivals: str,
    sensors_path: str | None,
    run: Path | None,
    out: Path | None,
    as_json: bool,
    rates: tuple[float, ...],
    seconds: float,
    repeat: int,
    intervals: tuple[float, ...] | None,
) -> None:
    """Measure how long readings wait at an offered load, from intended arrival to hand-back.

    Open loop: readings arrive when they are meant to, whether or not the implementation is ready, so that a stall
    counts against every reading it delayed. Each implementation is proved right on the very workload first. What
    values handed back late cost is shown, never averaged away; a load that the generator itself cannot keep is not
    valid and says so. Exit code 1 if anything was not proved, failed or is not valid.

    \b
    Examples:
      sensorbench latency -p simd --rate 1e6 --repeat 5          the study's load
      sensorbench latency -p simd -p cached --rate 1e5,1e6,1e7
      sensorbench latency -p simd --interval 1ms,10ms,100ms      what micro-batches cost
      sensorbench latency -p simd --channel shared_ring          generator, channel and processor together
      sensorbench latency --run results/RUN -w bursty            add to a stored run
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.load.latency import Load
    from harness.run.loads import (
        Subjects,
        check_load,
        check_subjects,
        keep,
        latencies,
        limits_of,
        proved,
        side_of,
    )

    loads = [Load(rate, seconds, interval) for rate in rates for interval in intervals or (None,)]
    for load in loads:
        check_load(load)
    check_sensors(sensors_path, workload)
    entries = processors(processor)
    carrier = find("channels", channel) if channel else None
    subjects = Subjects(entries, workload, size, arrivals, threads, sensors_path, carrier)
    folder = folder_for(run, out, "latency")
    check_subjects(subjects)
    open_side = side_of(subjects, note)
    left = TimeLeft(subjects.count * len(loads) * repeat, 1.25 * seconds + 1.0)
    rows: list[tuple[str, ...]] = []
    wrong = late = False
    with adding_to(folder, Level.DEFAULT, workload, 0, entries) as store:
        for subject in proved(subjects, left.say):
            keep(store, subject.cell)
            if not subject.usable:
                note(f"    {subject.cell.status}: {subject.cell.reason}")
                wrong |= subject.cell.status is not Status.UNAVAILABLE or bool(processor)
                left.leave_out(len(loads) * repeat)
                continue
            for outcome in latencies(subject, loads, repeat, limits_of(subjects), left.teller(subject.cell), open_side):
                _store(store, subject.cell, arrivals, outcome)
                rows.append(_row(subject.cell, outcome))
                wrong |= outcome.latency is None or not outcome.latency.valid
                late |= outcome.latency is not None and " late at " in (outcome.latency.details["invalid"] or "")
            left.end()
    if late:
        note(_LATE_REMEDY)
    if as_json:
        from reports import load_run, summary

        say_json(summary(load_run(folder)))
    else:
        say_table(_COLUMNS, rows, "Latency from intended arrival to hand-back: medians of the repetitions")
        say(str(folder))
    if wrong or not rows:
        raise click.exceptions.Exit(1)


def _store(store: "Store", cell: Cell, arrivals: str, outcome: "Outcome") -> None:
    """Store the load, and with the cell what stands for it: its plainest load."""
    from harness.run.loads import keep, load_record

    store.append(load_record(cell, arrivals, outcome))
    if arrivals == "workload" and outcome.load.interval_s is None:
        keep(store, cell, latency=outcome.latency, failure=outcome.failure)


def _row(cell: Cell, outcome: "Outcome") -> tuple[str, ...]:
    latency = outcome.latency
    interval_s = outcome.load.interval_s
    head = (
        cell.implementation,
        f"{cell.workload} at {cell.size}",
        format_rate(outcome.load.offered_per_s),
        "at once" if interval_s is None else f"every {format_seconds(interval_s)}",
    )
    if latency is None or not latency.valid:
        why = f"not valid: {latency.details['invalid']}" if latency else str(outcome.failure)
        return (*head, "", "", "", "", why, "")
    times = (latency.p50_s, latency.p999_s, latency.max_s)
    p50, p999, longest = ("" if time is None else format_seconds(time) for time in times)
    stalls = latency.details["stalls"] or {}
    idle = format_seconds(stalls["longest_s"]) if stalls.get("longest_s") else ""
    return (*head, p50, _spread(latency), p999, longest, "yes" if latency.kept_up else "no", idle)


def _spread(latency: Latency) -> str:
    """p99, with the lowest and the highest of the repetitions that are valid."""
    if latency.p99_s is None:
        return ""
    found = [one["p99_s"] for one in latency.details["repetitions"] if one["invalid"] is None]
    ends = f" ({format_seconds(min(found))} to {format_seconds(max(found))})" if len(found) > 1 else ""
    return f"{format_seconds(latency.p99_s)}{ends}"
