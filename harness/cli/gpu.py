"""Measure what a GPU is worth: rates by batch size, over its link and on the device, beside its limits."""

import os
import secrets
from pathlib import Path
from typing import Any

import click

from harness.cli._folders import folder_for, out_option, run_option
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import COUNT, json_option, processor_option_for, processors
from harness.discovery import entries
from harness.errors import MeasurementError
from harness.results import Level
from harness.units import figure, format_count, format_rate

_DEVICES = ("gpu_cupy", "gpu_numba", "phased[gpu=true]")
_BESIDE = ("simd", "parallel")
_BATCHES = tuple(1 << power for power in range(10, 23, 2))


@click.command()
@processor_option_for("all for a device, simd and parallel")
@click.option("-w", "--workload", default="steady", show_default=True, metavar="NAME", help="A generated workload.")
@click.option("--batch", "batches", multiple=True, type=COUNT, help="Readings a batch; repeatable (default: 1k to 4M).")
@click.option("--sensors", type=COUNT, default=10_000, show_default=True, help="Sensors in the table.")
@click.option("--processes", type=click.IntRange(1), default=3, show_default=True, help="Fresh processes a point.")
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    help="Threads that implementations of the host may use (default: all CPUs of this machine).",
)
@click.option("--check", is_flag=True, help="Say only whether there is a GPU that can be measured.")
@run_option
@out_option
@click.option("--seed", type=click.IntRange(0), help="Seed of the order of measurement (default: by chance).")
@json_option
def command(
    processor: tuple[str, ...],
    workload: str,
    batches: tuple[int, ...],
    sensors: int,
    processes: int,
    threads: int | None,
    check: bool,
    run: Path | None,
    out: Path | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Measure what a GPU is worth: rates by batch size, over its link and on the device, beside its limits.

    Every batch size is proved on its very stream, then timed in fresh processes by turns: with readings in pageable
    memory, in registered (page-locked) memory that the device reads by itself, and on the device already. The clock
    stops when the device is idle and the statistics are on the host. Beside them: the bandwidth of the link and of
    copies within the device, measured here, and implementations of the host on the same streams. 'sensorbench report
    FOLDER' shows it under GPU. Without a GPU it ends at once with the reason and exit code 2.

    \b
    Examples:
      sensorbench gpu --check                        is there one?
      sensorbench gpu                                all there is to know, by default beside simd and parallel
      sensorbench gpu --processes 1 --batch 64k --batch 1M --batch 4M       in a few minutes
      sensorbench gpu -p gpu_cupy -p gpu_cupy[combine=false] -w skewed --batch 1M
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.processes.handle import Limits
    from harness.run.device import Question, carry_out, described
    from harness.run.runner import default_memory_bytes

    folder = folder_for(run, out, "gpu")
    known = entries("processors")
    subjects = processors(processor or tuple(one for one in (*_DEVICES, *_BESIDE) if one.partition("[")[0] in known))
    limits = Limits(threads=threads or len(os.sched_getaffinity(0)), memory_bytes=default_memory_bytes())
    about = described(subjects, limits)
    _demand_a_device(about)
    if check:
        say(", ".join(label for label, found in about.items() if found["accelerated"] and not found["unavailable"]))
        return
    question = Question(
        tuple(subjects), workload, tuple(sorted(set(batches or _BATCHES))), sensors, processes=processes
    )
    chosen_seed = secrets.randbits(32) if seed is None else seed
    records = []
    with adding_to(folder, Level.DEFAULT, (workload,), chosen_seed) as store:
        for record in carry_out(question, limits, chosen_seed, note):
            store.append(record)
            records.append(record)
    if as_json:
        say_json(records)
    else:
        for record in records:
            _show(record)
        say(str(folder))
    if any(not record["points"] for record in records):
        raise click.exceptions.Exit(1)


def _demand_a_device(about: dict[str, Any]) -> None:
    """End here, with the reasons, where nothing accelerated can run."""
    if any(found["accelerated"] and not found["unavailable"] for found in about.values()):
        return
    reasons: dict[str, list[str]] = {}
    for label, found in about.items():
        if found["accelerated"]:
            reasons.setdefault(found["unavailable"], []).append(label)
    why = "; ".join(f"{', '.join(labels)}: {reason}" for reason, labels in reasons.items())
    raise MeasurementError(f"no GPU can be measured here: {why or 'no implementation that was named uses one'}")


def _show(record: dict[str, Any]) -> None:
    """The rates of one implementation, a row a batch size."""
    rows = [
        [format_count(point["batch"]), *(_middle(point["per_s"].get(where)) for where in _INPUTS)]
        for point in record["points"]
    ]
    title = f"{record['implementation']} on {record['workload']}, {format_count(record['sensors'])} sensors"
    say_table(("batch", *_INPUTS), rows, title)
    for name, rate in (record["bandwidths"] or {}).items():
        say(f"  {name.replace('_', ' ')}: {figure(rate / 1e9)} GB/s")
    for left in record["left_out"]:
        say(f"  left out at {format_count(left['batch'])}: {left['reason']}")
    say()


_INPUTS = ("pageable", "registered", "resident")


def _middle(rates: list[float] | None) -> str:
    return format_rate(sorted(rates)[len(rates) // 2]) if rates else ""
