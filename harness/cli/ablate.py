"""Measure what the study claims: its phases as a ladder, each technique alone and left out, each approach."""

from pathlib import Path

import click

from harness.cli._folders import folder_for, out_option, run_option
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import COUNT, json_option, level_of
from harness.errors import UsageError
from harness.results import Status


@click.command()
@click.option("-w", "--workload", default="steady", show_default=True, metavar="NAME", help="A generated workload.")
@click.option(
    "--sensors",
    multiple=True,
    type=COUNT,
    metavar="N",
    help="Number of sensors; repeatable (default: as many as make 'before' do 100,000 readings/s, and 10,000).",
)
@click.option("--quick", is_flag=True, help="6 short pairs each: wider intervals, in minutes.")
@click.option("--rigorous", is_flag=True, help="Pairs until the interval is within 1%.")
@run_option
@out_option
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the order of measurement.")
@json_option
def command(
    workload: str,
    sensors: tuple[int, ...],
    quick: bool,
    rigorous: bool,
    run: Path | None,
    out: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Measure what the study claims: phases, techniques, approaches.

    The ladder (before, phases 1 to 3) is climbed at each number of sensors; at the first, each technique is also
    measured alone and left out of all, and so is who stands for each approach; then buffers from a pool are timed
    against fresh ones. Every figure is paired, verified and stored at once; the same command goes on where it was cut
    off. 'sensorbench report FOLDER' shows it as Phases and Claims: each figure of the study beside what was measured.

    \b
    Examples:
      sensorbench ablate --quick                 at 100,000 readings/s of 'before', and at 10,000 sensors
      sensorbench ablate --sensors 500 -w dirty  on another workload, with 500 sensors
      sensorbench ablate --run results/NAME      into a run, so that one report holds both
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.processes.handle import Limits
    from harness.optimize import allocating
    from harness.optimize.ablate import Ablation, sizes_for
    from harness.optimize.allocating import ALLOCATING_KIND
    from harness.run.runner import default_memory_bytes

    level = level_of(quick, rigorous)
    folder = folder_for(run, out, "ablation")
    if any(number < 1 for number in sensors):
        raise UsageError("--sensors 0 makes no ladder; expected 1 or more")
    limits = Limits(memory_bytes=default_memory_bytes())
    with adding_to(folder, level, (workload,), seed) as store:
        sizes = sizes_for(store, workload, sensors, limits, note)
        for record in Ablation(store, workload, sizes, level, limits, seed, note).carry_out():
            if record["cell"]["status"] != "ok":
                note(f"    {record['cell']['status']}: {record['cell']['reason']}")
        if not any(store.records(ALLOCATING_KIND)):
            for record in allocating.carry_out(limits, seed, lambda what, _=None: note(what)):
                store.append(record)
    _show(folder, as_json)


def _show(folder: Path, as_json: bool) -> None:
    from reports.ablation import effects_text, ladders, ladders_json
    from reports.load import load

    found = ladders(load(folder))
    if as_json:
        say_json(ladders_json(found))
    else:
        for ladder in found:
            for title, columns, rows in effects_text(ladder):
                say_table(columns, rows, title)
                say()
        say(str(folder))
    asked = [rung for ladder in found for rung in ladder.all if rung.cell.status is not Status.UNAVAILABLE]
    if not all(rung.cell.verified for rung in asked):
        raise click.exceptions.Exit(1)
