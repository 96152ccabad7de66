"""Verify: gather the evidence, make every check, and say how close the worst value came."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.discovery import Entry
from harness.errors import ContractError
from harness.measure.processes.handle import Limits
from harness.oracle import readings_at
from harness.results import CheckResult, Failure, Proof
from harness.stream import Stream
from harness.verify.checks import CHECKS, statistics, values
from harness.verify.evidence import Finding, Subject, Window, statistics_of
from harness.verify.gather import Progress, gather, oracle_for
from harness.verify.known import KnownValues

_MOST_FAILURES = 3
"""Failures kept a check: the first places are what one mends by."""


def verify(
    entry: Entry, stream: Stream, limits: Limits, *, budget_s: float = 120.0, progress: Progress = lambda *_: None
) -> Proof:
    """Prove `entry` right on `stream`, or show where it is wrong.

    The whole stream passes once, and every window's values and statistics are compared with the oracle's; a prefix
    passes again cut otherwise, and in a second process under another hash seed; the scenarios follow.

    Parameters
    ----------
    entry : Entry
    stream : Stream
    limits : Limits
        Of each of the two workers.
    budget_s : float
        What the implementation may take for all answers together.
    progress : callable
        Told the stage and the share of it that is done.

    Raises
    ------
    WorkerFailure
        If it gave no answer: unavailable, crashed, timed out, out of memory, failed.
    """
    began_s = time.monotonic()
    failures: dict[str, list[Failure]] = {}
    worst: tuple[float, float, float] | None = None
    readings = 0
    known = KnownValues(stream)
    for piece in gather(entry, stream, limits, budget_s, progress):
        for check in CHECKS:
            if check.sees(piece):
                failures.setdefault(check.name, []).extend(check.failures((piece,)))
        if isinstance(piece, Window):
            if piece.subject.workload == stream.workload:
                readings += len(piece.readings)
                known.add(piece.first_position, piece.judged)
            closest = piece.closest()
            worst = closest if worst is None else max(worst, closest or worst)
    results = tuple(
        CheckResult(check.name, tuple(failures[check.name][:_MOST_FAILURES]))
        if check.name in failures
        else CheckResult(check.name, (_not_made(check.name, entry, stream),))
        for check in CHECKS
    )
    if not any(result.failures for result in results):
        known.keep(entry.label)
    share, error_ulp, allowed_ulp = worst or (None, None, None)
    return Proof(results, readings, round(time.monotonic() - began_s, 3), error_ulp, allowed_ulp, share)


def _not_made(check: str, entry: Entry, stream: Stream) -> Failure:
    return Failure(check, entry.label, stream.workload, None, None, "evidence", "none", "none may be missing")


def check_window(implementation: str, stream: Stream, audited: Mapping[str, Any]) -> list[Failure]:
    """Check what one window of a timed call handed back.

    Parameters
    ----------
    implementation : str
    stream : Stream
        Passed over cyclically.
    audited : mapping
        `first_position` and `batch_lengths` of the window; `values`, `count`, `sum`, `minimum`, `maximum`, `last`,
        `unmatched` and `invalid` as handed back.
    """
    import numpy as np

    subject = Subject(implementation, f"{stream.workload}, timed call")
    try:
        handed_back = statistics_of(audited, int(audited["unmatched"]), int(audited["invalid"]))
    except ContractError as error:
        return [subject.failure("forms_exact", Finding("statistics", str(error)))]
    lengths = [int(length) for length in audited["batch_lengths"]]
    first = int(audited["first_position"])
    window = Window(
        subject,
        oracle_for(stream),
        readings_at(stream, first, sum(lengths)),
        audited["values"],
        handed_back,
        first_position=first,
        batch_ends=np.cumsum(lengths, dtype=np.int64),
    )
    checks = (*values.CHECKS, *statistics.CHECKS)
    found = [failure for check in checks for failure in check.failures((window,))]
    return [
        failure if failure.position is None else replace(failure, position=failure.position % len(stream))
        for failure in found
    ]
