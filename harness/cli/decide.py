"""Name the simplest implementation that meets a requirement, from a stored run; exit code 1 if none does."""

import math
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli._folders import RESULTS, run_option_for
from harness.cli.console import note, say, say_damage, say_json, say_table
from harness.cli.options import BYTES_WITH_UNIT, RATE, TIME_WITH_UNIT, json_option
from harness.errors import StoreError, UsageError

if TYPE_CHECKING:
    from reports.decision import Decision
    from reports.load import Run
    from reports.margin import Requirement
    from reports.scoring import Weights

_REMEDIES = {
    "rate": "more pairs (run --rigorous) or its capacity (capacity --run RUN)",
    "p99": "measure its latency at that load: decide --rate PER_S --measure, or latency --run RUN --repeat 6",
    "memory": "a limit further from the figure, or a run that measures it",
}
"""What would settle a figure that is not certain."""


@click.command()
@click.option("--rate", type=RATE, metavar="PER_S", help="Readings a second that it must do, e.g. 1e6.")
@click.option("--p99", type=TIME_WITH_UNIT, metavar="TIME", help="Latency at the 99th percentile, e.g. 100ms.")
@click.option("--memory", type=BYTES_WITH_UNIT, metavar="BYTES", help="Memory of the whole process, e.g. 16GiB.")
@click.option("--no-gpu", is_flag=True, help="Nothing that needs a GPU.")
@click.option("--max-dependencies", type=click.IntRange(0), metavar="N", help="Packages beyond NumPy at most.")
@click.option("-w", "--workload", multiple=True, metavar="NAME", help="Judge on this one alone; repeatable.")
@run_option_for("The stored run: its folder, or its name in results/ (default: the newest there).")
@click.option("--weights", metavar="LIST", help="Weights of the score, e.g. effect=2,risk=-1 (default: the study's).")
@click.option(
    "--measure", is_flag=True, help="Measure latency at the rate where what the run holds is no answer, and store it."
)
@json_option
def command(
    rate: float | None,
    p99: float | None,
    memory: int | None,
    no_gpu: bool,
    max_dependencies: int | None,
    workload: tuple[str, ...],
    run: Path | None,
    weights: str | None,
    measure: bool,
    as_json: bool,
) -> None:
    """Name the simplest implementation that meets a requirement, from a stored run.

    An implementation must be proved right and meet every figure on every workload of the run (or of -w). Simplest is
    what needs the fewest services, then packages, then lines with all parts it uses; what surely meets it comes first.
    Without any figure the study's own wants count: 1 M/s, 100 ms, 16 GB. Exit code 1 if none meets it; the nearest is
    then named.

    \b
    Examples:
      sensorbench decide --rate 1e6 --p99 100ms --memory 16GiB
      sensorbench decide --rate 50M -w steady --max-dependencies 0
      sensorbench decide --rate 1e6 --p99 5ms --measure      measure latency where it is missing
    """  # noqa: D301
    from reports.decision import decide
    from reports.load import load
    from reports.margin import Requirement, of_the_study

    wanted = Requirement(rate, p99, memory, not no_gpu, max_dependencies)
    if rate is None and p99 is None and memory is None:
        study = of_the_study()
        wanted = replace(wanted, per_s=study.per_s, p99_s=study.p99_s, memory_bytes=study.memory_bytes)
    folder = run or _newest()
    found = load(folder)
    say_damage(found.damage)
    unknown = sorted(set(workload) - {cell.workload for cell in found.cells})
    if unknown or not found.cells:
        known = ", ".join(dict.fromkeys(cell.workload for cell in found.cells)) or "no cell"
        raise UsageError(f"{folder}: was not run on {', '.join(unknown) or 'anything'}; it holds {known}")
    if measure:
        _measure(folder, wanted, workload)
        found = load(folder)
    decision = decide(found, wanted, _weights(weights), workload or _telling(found))
    if as_json:
        say_json(_document(decision))
    else:
        _show(decision)
        if weights:
            say(f"Score: {decision.weights}; how the marks are made: sensorbench report, Decision")
    if not decision.meeting:
        raise click.exceptions.Exit(1)


def _newest() -> Path:
    """The newest run in results/ that holds a cell: a tuning or an ablation by itself has nothing to decide on."""
    from reports.load import newest

    try:
        return newest(RESULTS, lambda run: bool(run.cells))
    except StoreError:
        return newest(RESULTS)


def _telling(run: "Run") -> tuple[str, ...]:
    """The workloads of `run` that tell of a reading, or all where none does; which are left out is said."""
    from reports.fixed_cost import MEANING, telling

    names = list(dict.fromkeys(cell.workload for cell in run.cells))
    kept = {cell.workload for cell in telling(run.cells)}
    if small := [name for name in names if name not in kept]:
        note(f"{'left out ' if kept else ''}{', '.join(small)}: {MEANING}")
    return tuple(name for name in names if name in kept)


def _weights(text: str | None) -> "Weights":
    from reports.scoring import Weights

    names = [one.name for one in fields(Weights)]
    given: dict[str, float] = {}
    for part in filter(None, (text or "").split(",")):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            given[name] = float(value)
        except ValueError:
            given = {"": 0.0}
        if name not in names or "" in given or not math.isfinite(given[name]):
            raise UsageError(f"--weights {text!r}: {part!r} is no weight; write name=number with {', '.join(names)}")
    return replace(Weights(), **given)


def _measure(folder: Path, wanted: "Requirement", workloads: tuple[str, ...]) -> None:
    from harness.optimize.missing import measure_missing
    from harness.store import Store

    if wanted.per_s is None:
        raise UsageError("--measure needs a load to measure latency at; give --rate")
    with Store.open(folder) as store:
        measure_missing(folder, store, wanted.per_s, wanted.p99_s, workloads, note)


def _show(decision: "Decision") -> None:
    from reports.decision import how_sure, why_recommended, why_simplest
    from reports.margin import margin_words

    say(f"Asked for: {decision.requirement}; on {', '.join(decision.workloads)} of {decision.run}")
    best, nearest = decision.recommended, decision.nearest
    if best is not None:
        say(f"Recommended: {best.implementation}, {why_recommended(decision, best)} ({how_sure(best)})")
        say(f"  {why_simplest(best)}")
        for margin in best.margins:
            basis = f" ({margin.basis}; worst on {margin.workload})" if margin.basis else ""
            say(f"  {margin_words(margin)}{basis}")
        for margin in best.margins:
            if not margin.certain:
                say(f"  to be certain of {margin.what}: {_REMEDIES[margin.what]}")
    else:
        say("Nothing meets it.")
        if nearest is not None:
            short = [margin_words(margin) for margin in nearest.margins if not margin.met]
            say(f"Nearest: {nearest.implementation}: {'; '.join([*short, *nearest.refusals])}")
    say()
    columns = ("implementation", "services", "packages", "lines", "rate", "p99", "memory", "certain", "score")
    if decision.meeting:
        say_table(
            columns, [_row(one) for one in decision.meeting], "These meet it: what surely does, then the simplest first"
        )
        say()
    if decision.failing:
        rows = [
            [one.implementation, "; ".join([*one.refusals, *(margin_words(m) for m in one.margins if not m.met)])]
            for one in decision.failing
        ]
        say_table(("implementation", "why not"), rows, "These do not, nearest first")
        say()


def _row(one: Any) -> list[str]:
    from reports.text import times

    services, dependencies, lines = one.facts.simplicity if one.facts else ("?", "?", "?")
    margins = {margin.what: margin for margin in one.margins}
    shown = [
        f"{margins[what].shown} ({times(margins[what].factor)})" if what in margins else ""
        for what in ("rate", "p99", "memory")
    ]
    mark = f"{one.score:.1f}" if one.score is not None else ""
    return [
        one.implementation,
        str(services),
        str(dependencies),
        str(lines),
        *shown,
        "yes" if one.certain else "no",
        mark,
    ]


def _document(decision: "Decision") -> Any:
    from harness.results import to_builtins
    from reports.scoring import RULES, study_scores

    def named(one: Any) -> Any:
        values = {**to_builtins(one), "meets": one.meets, "certain": one.certain}
        values["shortfall"] = None if one.shortfall == float("inf") else one.shortfall
        values["distance"] = one.distance
        return values

    return {
        "run": decision.run,
        "requirement": to_builtins(decision.requirement),
        "workloads": list(decision.workloads),
        "recommended": decision.recommended.implementation if decision.recommended else None,
        "nearest": decision.nearest.implementation if decision.nearest else None,
        "weights": to_builtins(decision.weights),
        "marks": dict(RULES),
        "study_scores": [
            {"approach": name, "claimed": claimed, "computed": round(computed, 6)}
            for name, claimed, computed in study_scores(decision.weights)
        ],
        "meeting": [named(one) for one in decision.meeting],
        "failing": [named(one) for one in decision.failing],
    }
