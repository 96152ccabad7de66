"""Measure how cost grows with readings, sensors and batch size; foretell it at a size of your own."""

import secrets
from pathlib import Path
from typing import Any

import click

from harness.cli._folders import folder_for, out_option, run_option
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import SECONDS, json_option, level_of, processor_option_for, processors, threads_option
from harness.errors import UsageError
from harness.results import Level
from harness.units import format_count, format_seconds

_PROCESSORS = ("naive", "hash_indexed", "simd")
_AXES = {Level.QUICK: ("readings", "sensors"), Level.DEFAULT: ("readings", "sensors", "batch")}
_WITHIN_S = {Level.QUICK: 240.0, Level.DEFAULT: 900.0}


@click.command()
@processor_option_for(", ".join(_PROCESSORS))
@click.option("-w", "--workload", default="steady", show_default=True, metavar="NAME", help="A generated workload.")
@click.option(
    "--by",
    multiple=True,
    metavar="AXIS[=SIZES]",
    help="readings, sensors or batch, with sizes of your own if you like; repeatable (default: all; --quick: two).",
)
@click.option(
    "--with",
    "fixed",
    multiple=True,
    metavar="NAME=COUNT",
    help="What readings, sensors, batch or retain are where they do not grow; repeatable.",
)
@click.option(
    "--at", multiple=True, metavar="AXIS=SIZE", help="Foretell the cost there, as in sensors=1e6; repeatable."
)
@threads_option
@click.option("--quick", is_flag=True, help="Fewer sizes, 3 processes a point: some minutes.")
@click.option("--within", type=SECONDS, help="Time for all (default: 15min, with --quick 4min).")
@run_option
@out_option
@click.option("--seed", type=click.IntRange(0), help="Seed of the order of measurement (default: by chance).")
@json_option
def command(
    processor: tuple[str, ...],
    workload: str,
    by: tuple[str, ...],
    fixed: tuple[str, ...],
    at: tuple[str, ...],
    threads: int,
    quick: bool,
    within: float | None,
    run: Path | None,
    out: Path | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Measure how cost grows with readings, sensors and batch size; foretell it at a size of your own.

    Every point is proved on its very stream, then timed in fresh processes, in turns with one of the same
    implementation at its least costly size: a neighbour that slows the machine down meets both. Prints the exponent
    with its 95% interval (of what grows beside a fixed part; over the range measured where none shows), what the growth
    looks like most, where one implementation overtakes another, and the cost at sizes named by --at. Points too slow
    for the time are left out and listed; nothing is foretold beyond what was measured without saying so, and beyond ten
    times that only for growth that goes on. 'sensorbench report FOLDER' draws it.

    \b
    Examples:
      sensorbench scale --quick                               naive, hash_indexed and simd by readings and sensors
      sensorbench scale -p simd -p polars_join --by batch     what a call costs by itself
      sensorbench scale --by sensors=1,10,100,1e3,1e4 --at sensors=1e6
      sensorbench scale --by readings --with sensors=100 --with retain=1e6
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.processes.handle import Limits
    from harness.optimize.scale import Question, carry_out
    from harness.optimize.scale_plan import base_of, ladder_of, target_of
    from harness.optimize.scale_points import QUICK, Pace
    from harness.run.runner import default_memory_bytes

    folder = folder_for(run, out, "scale")
    level = level_of(quick)
    base = base_of(fixed)
    ladders = tuple(
        {ladder.axis: ladder for ladder in (ladder_of(text, base, quick=quick) for text in by or _AXES[level])}.values()
    )
    targets = tuple(target_of(text) for text in at)
    for target in targets:
        if target.axis not in {ladder.axis for ladder in ladders}:
            raise UsageError(f"--at {target.axis}=...: {target.axis} is not measured; add --by {target.axis}")
    question = Question(
        tuple(processors(processor or _PROCESSORS)), workload, ladders, targets, within or _WITHIN_S[level]
    )
    chosen_seed = secrets.randbits(32) if seed is None else seed
    limits = Limits(threads=threads, memory_bytes=default_memory_bytes())
    records = []
    note(f"at most {format_seconds(question.within_s)} in all")
    with adding_to(folder, level, (workload,), chosen_seed) as store:
        for record in carry_out(question, limits, QUICK if quick else Pace(), chosen_seed, _progress):
            store.append(record)
            records.append(record)
    if as_json:
        say_json(records)
    else:
        for record in records:
            _show(record)
        say(str(folder))
    if not any(curve["points"] for record in records for curve in record["curves"]):
        raise click.exceptions.Exit(1)


def _progress(text: str, left_s: float | None = None) -> None:
    note(text if left_s is None else f"{text}, about {format_seconds(left_s)} left")


def _show(record: dict[str, Any]) -> None:
    """One axis: a table of fits, then what crosses, what is foretold, what was left out."""
    fixed = ", ".join(f"{name} {format_count(count)}" for name, count in record["fixed"].items())
    title = f"Cost of {record['cost']} against {record['axis']} on {record['workload']} ({fixed})"
    columns = ("implementation", "exponent (95%)", "fixed", "looks like", "measured", "cost", "at")
    say_table(columns, [_row(curve) for curve in record["curves"]], title)
    for sentence in sentences(record):
        say(f"  {sentence}")
    say()


def _row(curve: dict[str, Any]) -> tuple[str, ...]:
    points = curve["points"]
    if not points:
        return curve["implementation"], "", "", "", "nothing", "", ""
    measured = f"{format_count(points[0]['size'])} to {format_count(points[-1]['size'])}"
    last = sorted(points[-1]["costs_s"])[len(points[-1]["costs_s"]) // 2]
    at = format_count(points[-1]["size"])
    fit = curve["fit"]
    if fit is None:
        return curve["implementation"], "fewer than 5 sizes", "", "", measured, format_seconds(last), at
    from reports.sections.scale import OVER_THE_RANGE

    exponent = fit["exponent"]
    shown = f"{exponent['median']:.3f} ({exponent['low']:.3f} to {exponent['high']:.3f})"
    shown += "" if fit["apart"] else OVER_THE_RANGE
    fixed = format_seconds(fit["overhead_s"]) if fit["overhead_s"] else ""
    return curve["implementation"], shown, fixed, fit["growth"], measured, format_seconds(last), at


def sentences(record: dict[str, Any]) -> list[str]:
    """What there is to say about one axis, a line each."""
    from reports.sections.scale import order_sentences, prediction_sentences, round_sentence

    axis = record["axis"]
    found = [*order_sentences(record), *round_sentence(record), *prediction_sentences(record)]
    for curve in record["curves"]:
        leaving = [point for point in curve["points"] if point["leaves_cache"]]
        if leaving:
            home = next(point["place"] for point in curve["points"] if not point["leaves_cache"])
            found.append(
                f"{curve['implementation']}: from {leaving[0]['size']:,} {axis} on the working set is beyond {home}"
            )
        found.extend(f"{curve['implementation']}: {text}" for text in _left_out(curve, axis))
    return found


def _left_out(curve: dict[str, Any], axis: str) -> list[str]:
    """Sizes left out, by their reasons."""
    reasons: dict[str, list[str]] = {}
    for left in curve["left_out"]:
        reasons.setdefault(left["reason"], []).append(f"{left['size']:,}")
    return [f"left out at {', '.join(sizes)} {axis}: {reason}" for reason, sizes in reasons.items()]
