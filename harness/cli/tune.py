"""Find the best parameters of an implementation for a goal, over the ranges that its constructor declares."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli._folders import folder_for, out_option
from harness.cli.console import note, say, say_json
from harness.cli.options import BYTES, RATE, SECONDS, json_option, level_of, size_option
from harness.discovery import find
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.optimize.tuned import Tuned


@click.command()
@click.argument("processor", metavar="NAME")
@click.option("-w", "--workload", default="steady", show_default=True, metavar="NAME", help="What it is tuned for.")
@size_option
@click.option(
    "--goal",
    type=click.Choice(["throughput", "p99", "memory"]),
    default="throughput",
    show_default=True,
    help="What is to be best; p99 is latency at --rate.",
)
@click.option("--rate", type=RATE, metavar="PER_S", help="The load that latencies are measured at.")
@click.option("--p99", type=SECONDS, metavar="TIME", help="No setting with a latency above this at --rate.")
@click.option("--memory", type=BYTES, metavar="BYTES", help="No setting with a peak above this over the runtime.")
@click.option("--only", multiple=True, metavar="PARAMETER", help="Tune this parameter alone; repeatable.")
@click.option(
    "--trials",
    type=click.IntRange(3, 10_000),
    metavar="N",
    help="Settings of the first look (default: 8, and 6 for each further parameter).",
)
@click.option("--quick", is_flag=True, help="Confirm with 6 short pairs.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the search.")
@out_option
@json_option
def command(
    processor: str,
    workload: str,
    size: str | None,
    goal: Any,
    rate: float | None,
    p99: float | None,
    memory: int | None,
    only: tuple[str, ...],
    trials: int | None,
    quick: bool,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find the best parameters of an implementation for a goal.

    NAME is an implementation as -p takes it; parameters in brackets are what tuning begins from and is compared with.
    Settings are tried in short runs; the leading ones and their neighbours are told apart in longer ones. The best is
    proved right and confirmed in pairs. 'Inconclusive' is an answer: what it began from is then kept, unless it breaks
    --p99 or --memory in two of three looks. Every trial is stored at once; the same command with the same --out goes on
    where it was cut off.

    The result is FOLDER/tuned.json, which 'sensorbench run --tuned' uses on this machine and workload.

    \b
    Examples:
      sensorbench tune simd -w steady --size medium
      sensorbench tune 'cached[batch_size=64]' --only batch_size --quick
      sensorbench tune cached --goal p99 --rate 50k --memory 100MB
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.processes.handle import Limits
    from harness.optimize.aim import Aim
    from harness.optimize.search import Budget
    from harness.optimize.tune import axes_of, tune
    from harness.run.runner import default_memory_bytes

    try:
        import optuna  # noqa: F401  (asked for here, so that its absence is one line)
    except ImportError as error:
        raise UsageError(
            "tune needs the package optuna; in this environment run: pip install 'sensorbench[tune]' "
            "(in a checkout: .venv/bin/pip install -e '.[tune]')"
        ) from error
    aim = Aim(goal, rate, p99, memory)
    entry = find("processors", processor)
    level = level_of(quick)
    limits = Limits(memory_bytes=default_memory_bytes())
    axes, _ = axes_of(entry, limits, only)  # what cannot be tuned is said before a folder is made
    budget = Budget.of(len(axes), trials)
    folder = folder_for(None, out, "tuning")
    with adding_to(folder, level, (workload,), seed) as store:
        tuned = tune(
            entry,
            workload,
            size,
            aim,
            store,
            only=only,
            budget=budget,
            level=level,
            limits=limits,
            seed=seed,
            told=note,
        )
        path = folder / "tuned.json"
        tuned.save(path)
    if as_json:
        from harness.results import to_builtins

        if tuned.despite:
            note(tuned.despite)
        say_json(to_builtins(tuned))
        return
    _show(tuned, path)


def _show(tuned: "Tuned", path: Path) -> None:
    def written(parameters: Any) -> str:
        return ", ".join(f"{name}={value}" for name, value in parameters.items()) or "the defaults"

    say(f"{tuned.implementation} on {tuned.workload} at {tuned.size}, for {tuned.goal}: {tuned.trials} settings tried")
    say(f"  began from  {written(tuned.start)}")
    say(f"  best        {written(tuned.candidate)}")
    say(f"  confirmed   {tuned.confirmed}")
    if tuned.despite:
        say(f"  {tuned.despite}")
    elif tuned.start_refused:
        say(f"  not allowed what it began from: {tuned.start_refused}")
    used = tuned.verdict == "better" or tuned.start_refused
    say(f"  {'used' if used else 'kept'}        {written(tuned.parameters)}")
    say(str(path))
