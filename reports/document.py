"""The summary of a run as JSON values; docs/summary.schema.json says what each means."""

from collections.abc import Mapping
from typing import Any

from harness.results import Cell, Interval, to_builtins
from reports.channel_results import channel_document, channel_results
from reports.load import Run
from reports.ranking import rankings, why_unverified
from reports.retention_results import retention_documents

SCHEMA = 1


def document(run: Run) -> dict[str, Any]:
    """The summary of `run`: nothing of an unverified cell but why; what was not measured is None."""
    ranks = {place.cell.key: place.rank for ranking in rankings(run.cells) for place in ranking.places}
    return {
        "schema": SCHEMA,
        "run": run.id,
        "started": run.started,
        "level": run.level.value if run.level else None,
        "environment": to_builtins(dict(run.environment)),
        "unstable": list(run.unstable),
        "damage": list(run.damage),
        "cells": [_cell(cell, ranks.get(cell.key)) for cell in run.cells],
        "channels": [channel_document(result) for result in channel_results(run)],
        "retention": list(retention_documents(run)),
    }


def _cell(cell: Cell, rank: int | None) -> dict[str, Any]:
    identity = {
        "implementation": cell.implementation,
        "approach": cell.approach,
        "workload": cell.workload,
        "is_real": cell.is_real,
        "size": cell.size,
        "requested_size": cell.requested_size,
        "workload_digest": cell.workload_digest,
        "threads": cell.threads,
        "status": cell.status.value,
        "reason": cell.reason or why_unverified(cell),
        "verified": cell.verified,
        "rank": rank,
        "notes": list(cell.notes),
        "proof": _proof(cell),
    }
    measured = _measured(cell)
    return identity | (measured if cell.verified else dict.fromkeys(measured))


def _measured(cell: Cell) -> dict[str, Any]:
    speed, memory, latency, capacity = cell.throughput, cell.memory, cell.latency, cell.capacity
    return {
        "throughput": _interval(speed.per_s) if speed else None,
        "speedup": _speed_up(cell),
        "memory": _picked(memory, "runtime_bytes", "peak_bytes", "history_bytes", "retained_bytes",
                          "allocations_per_batch"),
        "service": _picked(cell.service, "batch", "calls", "p50_s", "p99_s", "max_s"),
        "set_up": _picked(cell.set_up, "start_s", "first_answer_s"),
        "latency": _picked(latency, "offered_per_s", "p50_s", "p99_s", "p999_s", "max_s", "kept_up")
        if latency and latency.valid else None,
        "capacity": _picked(capacity, "per_s", "slo_percentile", "slo_s")
        if capacity and capacity.per_s is not None else None,
        "steady": speed.steady if speed else None,
        "roofline_share": speed.roofline_share if speed else None,
    }  # fmt: skip


def _interval(interval: Interval) -> dict[str, float]:
    return {"median": interval.median, "low": interval.low, "high": interval.high}


def _speed_up(cell: Cell) -> dict[str, Any] | None:
    found = cell.speed_up
    if found is None:
        return None
    more = _picked(found, "baseline", "verdict", "detectable", "confidence") or {}
    return _interval(found.ratio) | more


def _proof(cell: Cell) -> Mapping[str, Any] | None:
    proof = cell.proof
    if proof is None:
        return None
    failed = [result.check for result in proof.checks if result.failures]
    close = _picked(proof, "worst_error_ulp", "allowed_there_ulp", "worst_share", "timed_calls_checked") or {}
    return {"checks": len(proof.checks), "failed": failed, "readings": proof.readings} | close


def _picked(found: object | None, *names: str) -> dict[str, Any] | None:
    return None if found is None else {name: getattr(found, name) for name in names}
