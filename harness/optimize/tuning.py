"""A tuning beside a full grid: what each found, what it cost, and how the two compare in pairs, as a document.

Run ``python -m harness.optimize.tuning --document docs/tuning.md``; it goes on where it was cut off.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from harness.discovery import Entry, find
from harness.measure.processes.handle import Limits
from harness.optimize.aim import Aim
from harness.optimize.search import LONG, SHORT, Budget, TrialFailed
from harness.optimize.trials import Trials
from harness.optimize.tune import TRIAL_KIND, axes_of, tune
from harness.optimize.tuned import Tuned, load_tuned
from harness.results import Interval, Level, from_builtins, to_builtins
from harness.run.inputs import Inputs
from harness.run.runner import default_memory_bytes
from harness.store import CELLS_NAME, Record, Store, write_whole

NAME, PARAMETER, BAD, WORKLOAD, SIZE = "cached", "batch_size", 64, "steady", "small"
PLANTED = f"{NAME}[{PARAMETER}={BAD}]"
GRID_KIND, RIVALS_KIND = "grid", "grid_rivals"
TUNED_NAME = "tuned.json"
WITHIN = 0.05
GRID_EFFORT = 3 * LONG
_COMMAND = f"sensorbench tune '{PLANTED}' --only {PARAMETER} -w {WORKLOAD} --size {SIZE} --quick"


def _note(text: str) -> None:
    click.echo(text, err=True)


def measure_grid(store: Store, trials: Trials, settings: Sequence[Any], effort: int) -> None:
    """Measure each of `settings` that the store does not hold yet with that effort, and store it."""
    done = {record["setting"] for record in store.records(GRID_KIND)}
    began_s = time.monotonic()
    for number, setting in enumerate(settings, 1):
        if setting in done:
            continue
        value: float | None = None
        said = ""
        try:
            with trials.trial({PARAMETER: setting}) as measure:
                value = measure(effort)
            said = f"{math.exp(value):.3f} of the start's cost"
        except TrialFailed as failure:
            said = str(failure)
        seconds, began_s = time.monotonic() - began_s, time.monotonic()
        _note(f"[grid {number}/{len(settings)}] {PARAMETER}={setting}: {said}")
        store.append({"kind": GRID_KIND, "setting": setting, "value": value, "seconds": round(seconds, 3)})


def best_of(grid: Sequence[Record]) -> Any:
    """The setting of least cost."""
    return min((one for one in grid if one["value"] is not None), key=lambda one: one["value"])["setting"]


def measure_rivals(store: Store, trials: Trials, best: Any, found: Any) -> Record:
    """Compare what was found with the grid's best in pairs of fresh processes, once."""
    for record in store.records(RIVALS_KIND):
        if (record["best"], record["found"]) == (best, found):
            return record
    _note(f"{PARAMETER}={found} against the grid's best, {best}")
    confirmed = trials.confirm({PARAMETER: found}, Level.DEFAULT)
    record = {"kind": RIVALS_KIND, "best": best, "found": found, **to_builtins(confirmed)}
    store.append(record)
    return record


def document(tuned: Tuned, trials: Sequence[Record], grid: Sequence[Record], rivals: Record) -> str:
    """The document: the command, the outcome, the cost, and every setting measured."""
    spent_s, grid_s = (sum(record["seconds"] for record in records) for records in (trials, grid))
    latest = {record["parameters"][PARAMETER]: record for record in trials}
    full = {record["setting"]: record["value"] for record in grid}
    rows = [
        [str(setting), *_costs(latest.get(setting)), _cost(full.get(setting))] for setting in sorted({*latest, *full})
    ]
    cpu = tuned.environment["cpu"]
    return _TEXT.format(
        name=NAME,
        bad=BAD,
        cpu=f"{cpu['model']}, {cpu['logical']} CPUs",
        command=_COMMAND,
        settings=len(latest),
        found=f"{PARAMETER}={tuned.candidate[PARAMETER]}",
        confirmed=tuned.confirmed,
        points=len(grid),
        ends=f"{min(full):,} to {max(full):,}",
        best=f"{PARAMETER}={rivals['best']}",
        rivals=_rivals(rivals),
        measurements=len(trials),
        spent_s=spent_s,
        grid_s=grid_s,
        share=spent_s / grid_s,
        short=SHORT,
        long=LONG,
        full=GRID_EFFORT,
        parameter=PARAMETER,
        rows="\n".join(f"| {' | '.join(row)} |" for row in rows),
    )


def _costs(found: Record | None) -> tuple[str, str]:
    """What the search found of a setting: at first, and in its longer measurements, of which there may be many."""
    values = list(zip(found["values"], found["efforts"], strict=True)) if found else []
    first, longer = (", ".join(_cost(value) for value, effort in values if effort == this) for this in (SHORT, LONG))
    return first, longer


def _cost(value: float | None) -> str:
    return "" if value is None else f"{math.exp(value):.3f}"


def _rivals(rivals: Record) -> str:
    """How the two compare, and whether that is within 5%, for sure or not.

    >>> _rivals({"best": 9, "found": 8, "pairs": 6, "ratio": {"median": 0.99, "low": 0.97, "high": 1.01}})[:60]
    'what was found is 0.990 times as fast (0.970 to 1.010, 6 pai'
    """
    if rivals["best"] == rivals["found"]:
        return "the search found the very same setting."
    ratio = from_builtins(rivals["ratio"], Interval)
    ends = f"{ratio.low:.3f} to {ratio.high:.3f}, {rivals['pairs']} pairs"
    shown = f"what was found is {ratio.median:.3f} times as fast ({ends})"
    least = 1 / (1 + WITHIN)
    if ratio.low >= least:
        return f"{shown}: within {WITHIN:.0%} of the grid's best, the whole interval."
    if ratio.median >= least:
        return f"{shown}: within {WITHIN:.0%} of the grid's best by the estimate, but not by the whole interval."
    if ratio.high >= least:
        return (
            f"{shown}: not within {WITHIN:.0%} of the grid's best by the estimate, though the interval holds that too."
        )
    return f"{shown}: not within {WITHIN:.0%} of the grid's best, the whole interval."


_TEXT = """# A tuning beside a full grid

Generated by `python -m harness.optimize.tuning --document docs/tuning.md` on {cpu}; nothing below is typed in.

`{name}` collects readings into micro-batches. A bad default is planted: batches of {bad} readings.

    {command}

tries {settings} settings.

- **Found**: `{found}`, {confirmed}.
- **A full grid**: {points} settings over the whole declared range, {ends}, spaced by ratio, each measured for {full}
  units of time (the search: {short} for a first look, {long} each time that leaders are told apart), in turns with one
  process of the planted default. Its best is `{best}`.
- **The two in pairs of fresh processes**: {rivals}
- **Cost**: {spent_s:.0f} s for the {measurements} measurements of the search, {grid_s:.0f} s for the {points} of the
  grid: {share:.0%}.

Time a reading over that of the planted default, lower is better:

| {parameter} | search, {short} | search, {long} each | grid, {full} |
|---:|---:|---:|---:|
{rows}
"""


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/tuning"), show_default=True)
@click.option("--points", default=40, show_default=True, help="Settings of the grid.")
@click.option("--document", "path", type=click.Path(path_type=Path), help="Write it there (docs/tuning.md).")
def main(out: Path, points: int, path: Path | None) -> None:
    """Tune from a planted bad default, measure a grid beside it, and write down what each found and cost."""
    entry, limits, budget = find("processors", PLANTED), Limits(memory_bytes=default_memory_bytes()), Budget.of(1)
    with Store.open(out) if (out / CELLS_NAME).exists() else Store.create(out) as store:
        if not (out / TUNED_NAME).exists():
            found = tune(
                entry,
                WORKLOAD,
                SIZE,
                Aim(),
                store,
                only=(PARAMETER,),
                budget=budget,
                level=Level.QUICK,
                limits=limits,
                told=_note,
            )
            found.save(out / TUNED_NAME)
        tuned = load_tuned(out / TUNED_NAME)
        (axis,), _ = axes_of(entry, limits, (PARAMETER,))
        settings = list(dict.fromkeys(axis.at(index / (points - 1)) for index in range(points)))
        with Inputs() as inputs:
            with _trials(inputs, entry, limits) as trials:
                measure_grid(store, trials, settings, GRID_EFFORT)
            best = best_of(list(store.records(GRID_KIND)))
            with _trials(inputs, replace(entry, parameters={PARAMETER: best}), limits) as trials:
                rivals = measure_rivals(store, trials, best, tuned.candidate[PARAMETER])
        tried, grid = list(store.records(TRIAL_KIND)), list(store.records(GRID_KIND))
    text = document(tuned, tried, grid, rivals)
    if path is None:
        click.echo(text.rstrip())
    else:
        write_whole(path, text)
        click.echo(str(path))


def _trials(inputs: Inputs, entry: Entry, limits: Limits) -> Trials:
    stream = inputs.stream(WORKLOAD, inputs.size(WORKLOAD, SIZE))
    return Trials(entry, stream, inputs.workload(WORKLOAD)[1], inputs.fill_readings(stream), Aim(), limits, seed=1)


if __name__ == "__main__":
    main()
