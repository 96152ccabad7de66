"""One test over every (channel, check) pair: what is found in implementations/channels is proved here, with no list."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from harness.discovery import Entry, entries
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.results import Status
from harness.verify.channels import CHANNEL_CHECKS
from harness.verify.channels.evidence import ChannelEvidence
from harness.verify.channels.verifier import asked_of, gather_channel
from harness.verify.check import Check

Found = tuple[Mapping[str, Any], tuple[ChannelEvidence, ...]]


@cache
def _evidence(entry_name: str) -> Found | WorkerFailure:
    """What one channel did in all scenarios, gathered once."""
    try:
        found = tuple(gather_channel(entries("channels")[entry_name], Limits()))
    except WorkerFailure as failure:
        return failure
    return found[0][0], tuple(piece for _, piece in found)


@pytest.mark.parametrize("check", CHANNEL_CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("entry", entries("channels").values(), ids=lambda entry: entry.name, scope="module")
def test_conforms(entry: Entry, check: Check) -> None:
    found = _evidence(entry.name)
    if isinstance(found, WorkerFailure):
        if found.status is Status.UNAVAILABLE:
            pytest.skip(f"{entry.name}: {found.reason}")
        pytest.fail(f"{entry.name}: {found}")
    described, evidence = found
    if not asked_of(check, described):
        pytest.skip(f"{entry.name} does not claim to do what {check.name} asks")
    assert any(check.sees(piece) for piece in evidence), f"{check.name} had nothing to look at"
    assert [str(failure) for failure in check.failures(evidence)] == []
