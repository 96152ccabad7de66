"""Prove implementations right on workloads, and channels between processes, and nothing else."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import (
    channel_option,
    channels,
    check_sensors,
    json_option,
    processor_option,
    processors,
    size_option,
    threads_option,
    workload_option,
)
from harness.discovery import Entry, entries, find
from harness.errors import UsageError
from harness.results import Cell, ChannelResult, Proof, Status
from harness.units import count

if TYPE_CHECKING:
    from harness.run.inputs import Inputs
    from harness.verify.check import Check

_NEEDS_A_FILE = ("replay",)


@click.command()
@processor_option
@channel_option
@workload_option
@size_option
@threads_option
@click.option("--sensors", "sensors_path", type=click.Path(), help="Sensor table of a replay (sensor,gain,offset).")
@click.option("-v", "--verbose", is_flag=True, help="List every check, with what it found.")
@click.option("--self-test", is_flag=True, help="Verify the verifier: every saboteur, or those named.")
@click.option("--saboteurs", type=click.Path(), help="Folder of saboteurs (default: tests/saboteurs of the source).")
@click.option("--repeat", type=click.IntRange(1), default=1, help="With --self-test: how many times each.")
@json_option
def command(
    processor: tuple[str, ...],
    channel: tuple[str, ...],
    workload: tuple[str, ...],
    size: str | None,
    threads: int,
    sensors_path: str | None,
    verbose: bool,
    self_test: bool,
    saboteurs: str | None,
    repeat: int,
    as_json: bool,
) -> None:
    """Prove implementations right on workloads, and channels between processes, and nothing else.

    Every value, statistic and retained reading is compared with an independent oracle; the same stream passes again
    cut into other batches and under another hash seed; small scenarios ask for what streams rarely hold. A channel is
    given readings that tell by themselves which they are, its sides are killed, and nothing may be lost, doubled,
    reordered or torn. Without names all implementations and channels; with -p or -w no channel, with -c nothing else.
    Exit code 1 if anything is wrong.

    \b
    Examples:
      sensorbench verify                              everything, at the small size
      sensorbench verify -p my_variant.py -w dirty    one file on one workload
      sensorbench verify -p simd -v                   every check by name
      sensorbench verify -c shared_ring -c my_way.py  channels
      sensorbench verify --self-test                  the saboteurs
      sensorbench verify --self-test -p honest --repeat 100
    """  # noqa: D301  (click wants the very character)
    if self_test:
        from harness.cli._self_test import run_self_test

        if workload or size or sensors_path:
            raise UsageError("--self-test has a stream of its own; leave out --workload, --size and --sensors")
        raise SystemExit(run_self_test(_saboteur_folder(saboteurs), repeat, as_json, {*processor, *channel}))
    named = (
        *(find("processors", text).label for text in processor), *(find("channels", text).label for text in channel)
    )  # fmt: skip
    workloads = workload or tuple(name for name in entries("workloads") if name not in _NEEDS_A_FILE)
    check_sensors(sensors_path, workloads)
    cells: list[Cell] = []
    carriers: list[ChannelResult] = []
    if processor or workload or not channel:
        for cell in _prove(processors(processor), workloads, bool(workload), size, threads, sensors_path):
            cells.append(cell)
            if not as_json:
                _show(cell, verbose)
    if channel or not (processor or workload):
        for result in _prove_channels(channels(channel)):
            carriers.append(result)
            if not as_json:
                _show_channel(result, verbose)
    if as_json:
        say_json(_summary(tuple(cells), tuple(carriers)))
    raise SystemExit(_exit_code(cells, carriers, named))


def _prove(
    subjects: list[Entry],
    workloads: tuple[str, ...],
    workloads_named: bool,
    size: str | None,
    threads: int,
    sensors_path: str | None,
) -> Iterator[Cell]:
    from harness.cli._verify_progress import status_line
    from harness.measure.processes.handle import Limits
    from harness.measure.speed.effort import EFFORTS
    from harness.results import Level
    from harness.run.cell import CellMaker
    from harness.run.inputs import Inputs
    from harness.run.runner import default_memory_bytes

    limits = Limits(threads=threads, memory_bytes=default_memory_bytes())
    with (
        Inputs(sensors_path) as inputs,
        CellMaker(inputs, EFFORTS[Level.QUICK], limits, 1, (), (), 0) as maker,
        status_line() as show,
    ):
        for text, label, size_name in _to_prove_on(inputs, workloads, workloads_named, size):
            for entry in subjects:
                show(f"{entry.label} on {label} at {size_name}")
                yield maker.prove(entry, text, size_name, lambda phase: None)


def _to_prove_on(
    inputs: "Inputs", workloads: tuple[str, ...], workloads_named: bool, size: str | None
) -> list[tuple[str, str, str]]:
    """Text, label and size of each workload that can be had, all looked at before the first proof begins.

    Raises
    ------
    UsageError
        If one that was named cannot be had.
    """
    chosen = []
    for text in workloads:
        label, found = inputs.workload(text)
        reason = found.unavailable()
        if reason and workloads_named:
            raise UsageError(f"workload {label} cannot be had here: {reason}")
        if reason:
            note(f"{label}: left out ({reason})")
        else:
            chosen.append((text, label, inputs.size(text, size).name))
    return chosen


def _prove_channels(subjects: list[Entry]) -> Iterator[ChannelResult]:
    from harness.cli._verify_progress import status_line
    from harness.measure.processes.handle import Limits
    from harness.run.channel_proof import prove_channel
    from harness.run.runner import default_memory_bytes

    with status_line() as show:
        for entry in subjects:

            def progress(scenario: str, label: str = entry.label) -> None:
                show(f"{label}: {scenario}")

            yield prove_channel(entry, Limits(memory_bytes=default_memory_bytes()), progress=progress)


def _show(cell: Cell, verbose: bool) -> None:
    name = f"{cell.implementation} on {cell.workload} at {cell.size}"
    if cell.status is not Status.OK or cell.proof is None:
        say(f"{_head(cell.status)}{name}: {_why(cell.status, cell.reason)}")
    else:
        proof = cell.proof
        worst = ""
        if proof.worst_error_ulp is not None and proof.allowed_there_ulp is not None:
            worst = f", worst error {proof.worst_error_ulp:.3f} of {proof.allowed_there_ulp:.3f} ULP"
        done = f"{len(proof.checks)} checks, {count(proof.readings, 'reading')}"
        say(f"verified  {name}: {done}{worst}, {proof.seconds:.1f} s")
        for text in cell.notes:
            note(f"    {text}")
    if cell.proof is not None:
        from harness.verify import CHECKS

        _show_checks(cell.proof, CHECKS, verbose)


def _head(status: Status) -> str:
    return "unavailable  " if status is Status.UNAVAILABLE else "FAILED  "


def _why(status: Status, reason: str | None) -> str:
    """The reason, behind what became of it where the head does not say that already."""
    is_said = status in (Status.UNAVAILABLE, Status.FAILED) and reason
    return f"{reason}" if is_said else f"{status}: {reason}"


def _show_channel(result: ChannelResult, verbose: bool) -> None:
    proof, status = result.proof, result.status
    if status is not Status.OK or proof is None:
        say(f"{_head(status)}channel {result.channel}: {_why(status, result.reason)}")
    else:
        checks = f"{len(proof.checks)} checks, {count(proof.readings, 'reading')}, {proof.seconds:.1f} s"
        say(f"verified  channel {result.channel}: {checks}")
    if proof is not None:
        from harness.verify.channels import CHANNEL_CHECKS

        _show_checks(proof, CHANNEL_CHECKS, verbose)


def _show_checks(proof: Proof, checks: "Sequence[Check]", verbose: bool) -> None:
    """Every check where that is asked for, and what was found wrong."""
    if verbose:
        about = {check.name: check.about for check in checks}
        rows = [
            (result.check, "failed" if result.failures else "holds", about[result.check]) for result in proof.checks
        ]
        say_table(("check", "", "what must hold"), rows)
    failures = proof.failures
    for failure in failures if verbose else failures[1:4]:
        say(f"    {failure}")
    if len(failures) > 4 and not verbose:
        say(f"    and {len(failures) - 4} more (-v shows them)")


def _summary(cells: tuple[Cell, ...], carriers: tuple[ChannelResult, ...]) -> object:
    """The document that `report --format json` prints, for proofs alone."""
    from harness.machine import fingerprint, unstable
    from harness.results import to_builtins
    from harness.store import moment
    from reports import summary
    from reports.load import Run

    environment = fingerprint()
    now = moment()
    manifest = {
        "schema": 1,
        "run": "verify",
        "started": now,
        "finished": now,
        "level": None,
        "environment": to_builtins(environment),
        "unstable": list(unstable(environment)),
    }
    records = tuple({"kind": "channel", **to_builtins(result)} for result in carriers)
    return summary(Run("verify", manifest, cells, {"channel": records}))


def _exit_code(cells: list[Cell], carriers: list[ChannelResult], named: tuple[str, ...]) -> int:
    """0 if all was proved; what is unavailable counts only where it was named."""
    if not cells and not carriers:
        raise UsageError("nothing was verified; name an implementation and a workload ('sensorbench list' shows all)")
    ends = [(cell.implementation, cell.status, cell.verified) for cell in cells]
    ends += [(result.channel, result.status, result.verified) for result in carriers]
    return int(
        any(not verified and (status is not Status.UNAVAILABLE or name in named) for name, status, verified in ends)
    )


def _saboteur_folder(given: str | None) -> Path:
    return Path(given) if given else Path(__file__).parents[2] / "tests" / "saboteurs"
