"""One test over every (implementation, check) pair: what is found in implementations/ is proved here, with no list."""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from harness.discovery import Entry, entries
from harness.discovery import workload as find_workload
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.results import Status
from harness.stream import Stream, write_stream
from harness.verify import CHECKS
from harness.verify.check import Check
from harness.verify.evidence import Evidence
from harness.verify.gather import gather

WORKLOADS = ("steady", "dirty")
BUDGET_S = 120.0  # a first compilation on a busy machine included


@pytest.fixture(scope="session")
def streams() -> Iterator[tuple[Stream, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for name in WORKLOADS:
            label, workload = find_workload(name)
            made.append(write_stream(workload, label, workload.size("tiny"), Path(folder) / name))
        yield tuple(made)


@cache
def _evidence(entry_name: str, streams: tuple[Stream, ...]) -> tuple[Evidence, ...] | WorkerFailure:
    """What one implementation did on all workloads, gathered once."""
    entry = entries("processors")[entry_name]
    try:
        return tuple(piece for stream in streams for piece in gather(entry, stream, Limits(), BUDGET_S))
    except WorkerFailure as failure:
        return failure


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("entry", entries("processors").values(), ids=lambda entry: entry.name, scope="module")
def test_conforms(entry: Entry, check: Check, streams: tuple[Stream, ...]) -> None:
    evidence = _evidence(entry.name, streams)
    if isinstance(evidence, WorkerFailure):
        if evidence.status is Status.UNAVAILABLE:
            pytest.skip(f"{entry.name}: {evidence.reason}")
        pytest.fail(f"{entry.name}: {evidence}")
    assert any(check.sees(piece) for piece in evidence), f"{check.name} had nothing to look at"
    assert [str(failure) for failure in check.failures(evidence)] == []
