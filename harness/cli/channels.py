"""Measure channels: how many readings a second they carry between processes, and how soon."""

import secrets
from pathlib import Path

import click

from harness.cli._folders import folder_for, out_option, run_option
from harness.cli._load_session import Several
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import COUNT, channel_option, channels, json_option, level_of
from harness.discovery import find
from harness.errors import UsageError
from harness.results import Carried, ChannelResult, Status, to_builtins
from harness.units import figure, format_count, format_rate, format_seconds

_MOST_BATCH = 10_000_000


@click.command()
@channel_option
@click.option(
    "--batch",
    "batches",
    type=Several(COUNT),
    default="100,1000,10000",
    show_default=True,
    metavar="LENGTHS",
    help="Readings put in by one call; several with commas.",
)
@click.option("--baseline", default="queue", show_default=True, metavar="NAME", help="Compare with this one.")
@click.option("--quick", is_flag=True, help="3 pairs, short warm-up: intervals without verdicts.")
@click.option("--rigorous", is_flag=True, help="Pairs until the interval is within 1%.")
@run_option
@out_option
@click.option("--seed", type=click.IntRange(0), help="Seed of the order of measurement (default: by chance).")
@json_option
def command(
    channel: tuple[str, ...],
    batches: tuple[int, ...],
    baseline: str,
    quick: bool,
    rigorous: bool,
    run: Path | None,
    out: Path | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Measure channels: how many readings a second they carry between processes, and how soon.

    Each channel is proved first, its sides killed and replaced (see 'sensorbench verify -c'). Then producer and
    consumer, each on a CPU of its own, move readings by turns with the baseline, in fresh processes for each pair. The
    consumer reads every bit that it is handed, and every timed reading is proved by its sum. Hand-over is the time
    from when a batch of 1,000 was to be put in, a thousand times a second, until the consumer had all of it.
    Exit code 1 if anything is wrong.

    \b
    Examples:
      sensorbench channels                                 all of them, against the standard queue
      sensorbench channels -c shared_ring --batch 1000
      sensorbench channels -c my_way.py --baseline shared_ring
      sensorbench channels --run results/RUN               add to a stored run
    """  # noqa: D301
    from harness.cli._store_session import adding_to
    from harness.measure.processes.handle import Limits
    from harness.measure.speed.effort import EFFORTS
    from harness.run.channels import ChannelRun
    from harness.run.runner import default_memory_bytes

    level = level_of(quick, rigorous)
    for batch in batches:
        if not 1 <= batch <= _MOST_BATCH:
            raise UsageError(f"--batch {batch}; expected 1 to {_MOST_BATCH:,} readings")
    chosen_seed = secrets.randbits(32) if seed is None else seed
    named = {find("channels", text).label for text in channel}
    subjects = channels(channel)
    limits = Limits(memory_bytes=default_memory_bytes())
    measuring = ChannelRun(find("channels", baseline), subjects, batches, EFFORTS[level], limits, chosen_seed)
    folder = folder_for(run, out, "channels")
    results: list[ChannelResult] = []
    with adding_to(folder, level, (), chosen_seed) as store:
        for result in measuring.results(note):
            store.append({"kind": "channel", **to_builtins(result)})
            results.append(result)
    if as_json:
        from reports import load_run, summary

        say_json(summary(load_run(folder)))
    else:
        _show(results)
        say(str(folder))
    wrong = [
        result
        for result in results
        if not result.verified and (result.status is not Status.UNAVAILABLE or result.channel in named)
    ]
    if wrong:
        raise click.exceptions.Exit(1)


def _show(results: list[ChannelResult]) -> None:
    rows = [
        (result.channel, format_count(one.batch), _between(one), _speed_up(one))
        for result in results
        for one in result.carried
    ]
    say_table(("channel", "batch", "readings/s", "speed-up"), rows, "Readings a second from one process to another")
    late = [
        (result.channel, *(format_seconds(time) if time is not None else "-" for time in times))
        for result in results
        if (one := result.hand_over) is not None
        for times in ((one.p50_s, one.p99_s, one.p999_s, one.max_s),)
    ]
    say_table(("channel", "p50", "p99", "p99.9", "longest"), late, "Hand-over of batches of 1,000, a thousand a second")
    for result in results:
        if not result.verified:
            note(f"{result.channel}: {result.status}: {result.reason}")
        for text in result.notes:
            note(f"{result.channel}: {text}")


def _between(one: Carried) -> str:
    return f"{format_rate(one.per_s.median)} ({format_rate(one.per_s.low)} to {format_rate(one.per_s.high)})"


def _speed_up(one: Carried) -> str:
    found = one.speed_up
    if found is None:
        return ""
    ends = (
        f"{figure(found.ratio.median)} ({figure(found.ratio.low)} to {figure(found.ratio.high)}) times {found.baseline}"
    )
    return f"{ends}, {found.verdict}" if found.verdict else ends
