"""Verify, then measure speed and memory of implementations on workloads."""

import secrets
import shlex
from pathlib import Path

import click

from harness.cli._folders import new_folder
from harness.cli.console import note, say, say_json
from harness.cli.options import (
    check_sensors,
    distinct,
    json_option,
    level_of,
    memory_option,
    processor_option,
    processors,
    refuse,
    size_option,
    threads_option,
    workload_option,
)
from harness.discovery import entries, find
from harness.results import Level

_NEED_A_FILE = {"replay"}
_WITH_RESUME = {"resume", "out_path", "as_json"}
_QUICK_WORKLOADS = ("steady", "telemetry")


@click.command()
@processor_option
@workload_option
@size_option
@threads_option
@memory_option
@click.option("--capacity", is_flag=True, help="Also find the highest load within 100 ms at p99: a minute a cell.")
@click.option("--baseline", metavar="NAME", help="Compare with this one (default: naive where it can do the size).")
@click.option("--quick", is_flag=True, help="3 pairs, short warm-up: intervals without verdicts, in minutes.")
@click.option("--rigorous", is_flag=True, help="Pairs until the interval is within 1%, with sentinels.")
@click.option("--sensors", "sensors_path", type=click.Path(), help="Sensor table of a replay (sensor,gain,offset).")
@click.option("--tuned", "tuned_path", type=click.Path(), metavar="FILE", help="Parameters that 'tune' has found.")
@click.option("--allow-unlike", is_flag=True, help="Use --tuned on another machine or workload than it is for.")
@click.option("--out", "out_path", type=click.Path(), help="Folder of the run (default: results/RUN).")
@click.option("--resume", is_flag=True, help="Go on with the run in --out (default: the newest in results/).")
@click.option("--seed", type=click.IntRange(0), help="Seed of the order of measurement (default: by chance).")
@json_option
def command(
    processor: tuple[str, ...],
    workload: tuple[str, ...],
    size: str | None,
    threads: int,
    memory: int | None,
    capacity: bool,
    baseline: str | None,
    quick: bool,
    rigorous: bool,
    sensors_path: str | None,
    tuned_path: str | None,
    allow_unlike: bool,
    out_path: str | None,
    resume: bool,
    seed: int | None,
    as_json: bool,
) -> None:
    """Verify, then measure speed and memory of implementations on workloads, side by side.

    Each implementation runs in fresh processes, is proved right on the very workload first, and is timed in turns
    with the baseline. Every finished cell is stored at once: an interrupted run is resumed with --resume.

    \b
    Examples:
      sensorbench run --quick                          all, on synthetic and real input, small
      sensorbench run -p simd -p polars_join -w steady --size medium
      sensorbench run -p my_variant.py -w replay:readings.csv.gz
      sensorbench run -p 'simd[block_size=512]' -p simd --baseline simd --rigorous
    """  # noqa: D301
    from harness.cli._run_session import newest_to_resume, run_session
    from harness.cli._run_table import show_ranking
    from harness.run.plan import DEFAULT_BASELINES, DEFAULT_PASSES, Plan, Subject
    from reports import summary

    context = click.get_current_context()
    level = level_of(quick, rigorous)
    if not tuned_path:
        refuse(context, {"allow_unlike"}, "only --tuned is for a machine and a workload")
    if resume:
        others = context.params.keys() - _WITH_RESUME
        refuse(context, others, "--resume goes on with what the run began with")
        folder = Path(out_path) if out_path else newest_to_resume()
        code, run = run_session(folder, None)
    else:
        named = processors(processor) if processor else []
        subjects = named or processors()
        asked = find("processors", baseline) if baseline else None
        baselines = (asked.label,) if asked else DEFAULT_BASELINES
        if asked:
            subjects = distinct([asked, *subjects])
        check_sensors(sensors_path, workload or default_workloads(level))
        if tuned_path:
            from harness.optimize.tuned import apply_tuned, load_tuned

            tuned, workload = load_tuned(Path(tuned_path)), workload or default_workloads(level)
            subjects = apply_tuned(
                subjects, tuned, workload, size, sensors_path=sensors_path, allow_unlike=allow_unlike
            )
            named = [entry for entry in subjects if entry.name in {one.name for one in named}]
        plan = Plan(
            subjects=tuple(Subject.of(entry) for entry in subjects),
            named=tuple(entry.label for entry in named),
            workloads=workload or default_workloads(level),
            size=size or ("small" if level is Level.QUICK and not workload else None),
            level=level,
            baselines=baselines,
            threads=threads,
            seed=secrets.randbits(32) if seed is None else seed,
            memory_budget_bytes=memory,
            sensors_path=str(Path(sensors_path).expanduser().absolute()) if sensors_path else None,
            passes=(*DEFAULT_PASSES, "capacity") if capacity else DEFAULT_PASSES,
        )
        folder = Path(out_path) if out_path else new_folder(str(level))
        code, run = run_session(folder, plan)
    show_ranking(run, on_stderr=as_json)
    if as_json:
        say_json(summary(run))
    else:
        say(str(folder))
        note(f"report: sensorbench report {shlex.quote(str(folder))}")
    raise SystemExit(code) if code else click.exceptions.Exit(0)


def default_workloads(level: Level) -> tuple[str, ...]:
    """What is run when no workload was named: two at the quick level, else all that need no file."""
    known = [name for name in entries("workloads") if name not in _NEED_A_FILE]
    return _QUICK_WORKLOADS if level is Level.QUICK else tuple(known)
