"""Prove a channel: play the scenarios in fresh processes, make every check on what came of them."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.contract import Overflow
from harness.discovery import Entry
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.results import CheckResult, Failure, Proof, Status
from harness.verify.channels.checks import CHANNEL_CHECKS, newest_kept, resumes
from harness.verify.channels.evidence import ChannelEvidence, Ending, Passage
from harness.verify.channels.scenarios import SCENARIOS
from harness.verify.channels.stage import Stage, Stuck
from harness.verify.check import Check

_MOST_FAILURES = 3


def gather_channel(
    entry: Entry, limits: Limits, *, seed: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Mapping[str, Any], ChannelEvidence]]:
    """What the class says of itself, with each piece of evidence as soon as it is whole.

    Raises
    ------
    WorkerFailure
        If the channel cannot be had here, or the process that makes it fails.
    """
    chosen = secrets.randbits(64) if seed is None else seed
    with Worker(entry, limits) as worker:
        described = worker.described
        if described["unavailable"]:
            raise WorkerFailure(Status.UNAVAILABLE, str(described["unavailable"]))
        for scenario in SCENARIOS:
            progress(scenario.__name__.replace("_", " "))
            stage = Stage(worker, scenario.__name__, chosen)
            stuck = ""
            try:
                for piece in scenario(stage):
                    yield described, piece
            except Stuck as reason:
                stuck = str(reason)
            yield described, stage.end(stuck)
        worker.stop()


def verify_channel(
    entry: Entry, limits: Limits, *, seed: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> tuple[Mapping[str, Any], Proof]:
    """What the class of `entry` says of itself, and the proof that it carries readings as the contract asks.

    It ends with the first scenario in which something is wrong, for what follows would tell of the same.

    Raises
    ------
    WorkerFailure
        If it gave no answer: unavailable, crashed, timed out, out of memory, failed.
    """
    began_s = time.monotonic()
    found: dict[str, list[Failure]] = {}
    described: Mapping[str, Any] = {}
    readings = 0
    for described, piece in gather_channel(entry, limits, seed=seed, progress=progress):  # noqa: B007
        for check in CHANNEL_CHECKS:
            if check.sees(piece):
                found.setdefault(check.name, []).extend(check.failures((piece,)))
        readings += len(piece.records) if isinstance(piece, Passage) else 0
        if isinstance(piece, Ending) and any(found.values()):
            break
    else:
        for check in CHANNEL_CHECKS:
            if check.name not in found and asked_of(check, described):
                found[check.name] = [
                    Failure(check.name, entry.label, "all scenarios", None, None, "evidence", "none", "")
                ]
    results = tuple(
        CheckResult(check.name, tuple(found[check.name][:_MOST_FAILURES]))
        for check in CHANNEL_CHECKS
        if check.name in found and asked_of(check, described)
    )
    return described, Proof(results, readings, round(time.monotonic() - began_s, 3))


def asked_of(check: Check, described: Mapping[str, Any]) -> bool:
    """Whether `check` is made on a channel that says this of itself: only what it claims to do is asked of it."""
    if check is newest_kept:
        return str(Overflow.DROP_OLDEST) in described["overflows"]
    return check is not resumes or bool(described["survives"])
