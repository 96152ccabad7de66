"""Find the highest load that an implementation sustains within a latency objective."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli._folders import folder_for
from harness.cli._load_session import TimeLeft, load_options
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import SECONDS, Unit, check_sensors, processors
from harness.discovery import find
from harness.measure.load.objective import Objective, objective_of
from harness.results import Capacity, Cell, Level, Status
from harness.units import format_rate

if TYPE_CHECKING:
    from harness.measure.processes.status import WorkerFailure

_COLUMNS = ("implementation", "workload", "capacity", "objective", "beyond it")


@click.command()
@load_options
@click.option(
    "--slo",
    type=Unit("objective", objective_of),
    default="p99=100ms",
    show_default=True,
    metavar="PERCENTILE=TIME",
    help="Latency that must hold: p50, p99, p99.9 or max, and a time.",
)
@click.option("--seconds", type=SECONDS, default=3.0, show_default=True, help="How long each load lasts.")
@click.option("--repeat", type=click.IntRange(1, 99), default=3, show_default=True, help="Times each load is taken.")
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
    slo: Objective,
    seconds: float,
    repeat: int,
) -> None:
    """Find the highest load that an implementation sustains within a latency objective.

    Loads are tried by bisection, to 5%. One is sustained when, in two thirds of its repetitions, the backlog does not
    grow (upper 95% bound at most 1% of the load), the objective holds, nothing is missing and the generator kept time.
    Each implementation is proved right on the very workload first; every load tried is kept with its figures. Exit
    code 1 if anything was not proved or sustains no load at all.

    \b
    Examples:
      sensorbench capacity -p simd                               the study's objective, p99 within 100 ms
      sensorbench capacity -p simd -p polars_join --slo p99.9=10ms
      sensorbench capacity -p simd --channel shared_ring         from another process
      sensorbench capacity --run results/RUN -w bursty           add to a stored run
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.load.capacity import EXPECTED_STEPS
    from harness.measure.load.latency import Load
    from harness.run.loads import (
        Subjects,
        capacity_of,
        check_load,
        check_subjects,
        keep,
        limits_of,
        proved,
        side_of,
    )

    check_load(Load(100 / seconds, seconds))
    check_sensors(sensors_path, workload)
    entries = processors(processor)
    carrier = find("channels", channel) if channel else None
    subjects = Subjects(entries, workload, size, arrivals, threads, sensors_path, carrier)
    folder = folder_for(run, out, "capacity")
    check_subjects(subjects)
    open_side = side_of(subjects, note)
    left = TimeLeft(subjects.count, EXPECTED_STEPS * repeat * 0.8 * (1.25 * seconds + 1.0))
    rows: list[tuple[str, ...]] = []
    wrong = False
    with adding_to(folder, Level.DEFAULT, workload, 0, entries) as store:
        for subject in proved(subjects, left.say):
            cell = subject.cell
            keep(store, cell)
            if not subject.usable:
                note(f"    {cell.status}: {cell.reason}")
                wrong |= cell.status is not Status.UNAVAILABLE or bool(processor)
                left.leave_out(1)
                continue
            left.begin()
            name = f"{cell.implementation} on {cell.workload} at {cell.size}"
            told = partial(_tell, left, name)
            found = capacity_of(subject, slo, seconds, repeat, limits_of(subjects), told, open_side)
            left.end()
            if isinstance(found, Capacity):
                keep(store, cell, capacity=found)
            else:
                keep(store, cell, failure=found)
            rows.append(_row(cell, slo, found))
            wrong |= not isinstance(found, Capacity) or found.per_s is None
    if as_json:
        from reports import load_run, summary

        say_json(summary(load_run(folder)))
    else:
        say_table(_COLUMNS, rows, "Capacity: the highest load sustained")
        say(str(folder))
    if wrong or not rows:
        raise click.exceptions.Exit(1)


def _tell(left: TimeLeft, name: str, text: str) -> None:
    left.say(f"{name}: {text}")


def _row(cell: Cell, slo: Objective, found: "Capacity | WorkerFailure") -> tuple[str, ...]:
    head = (cell.implementation, f"{cell.workload} at {cell.size}")
    if not isinstance(found, Capacity):
        return (*head, "", str(slo), str(found))
    failed_per_s = found.details["failed_per_s"]
    beyond = f"{format_rate(failed_per_s)}: {found.details['limit']}" if failed_per_s else "nothing was too much"
    return (*head, "none" if found.per_s is None else format_rate(found.per_s), str(slo), beyond)
