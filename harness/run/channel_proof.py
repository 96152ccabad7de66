"""Prove channels: whatever comes of it becomes a result."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.discovery import Entry
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.results import ChannelResult, Proof, Status
from harness.verify.channels import verify_channel


def prove_channel(
    entry: Entry, limits: Limits, *, seed: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> ChannelResult:
    """The result of `entry` with its proof alone, nothing measured."""
    try:
        described, proof = verify_channel(entry, limits, seed=seed, progress=progress)
    except WorkerFailure as failure:
        return ChannelResult(entry.label, failure.status, failure.reason)
    if not proof.verified:
        return _result(entry, described, proof, Status.WRONG, str(proof.failures[0]))
    return _result(entry, described, proof, Status.OK, None)


def _result(
    entry: Entry, described: Mapping[str, Any], proof: Proof, status: Status, reason: str | None
) -> ChannelResult:
    return ChannelResult(
        entry.label,
        status,
        reason,
        proof,
        described["approach"],
        bool(described["survives"]),
        tuple(described["overflows"]),
        parameters=dict(described["parameters"]),
    )
