"""The channels of a run: the newest result of each, and their place in the summary."""

from typing import Any

from harness.results import Carried, ChannelResult, from_builtins
from reports.load import Run

KIND = "channel"
"""The kind of their records in the store."""


def channel_results(run: Run) -> tuple[ChannelResult, ...]:
    """What is known of each channel, in the order of first measurement."""
    newest = {}
    for record in run.records.get(KIND, ()):
        result = from_builtins(record, ChannelResult)
        newest[result.channel] = result
    return tuple(newest.values())


def channel_document(result: ChannelResult) -> dict[str, Any]:
    """One channel in the summary: no figure of an unverified one."""
    proof, late = result.proof, result.hand_over
    failed = [one.check for one in proof.checks if one.failures] if proof else []
    return {
        "channel": result.channel,
        "approach": result.approach,
        "status": result.status.value,
        "reason": result.reason,
        "verified": result.verified,
        "survives": result.survives,
        "overflows": list(result.overflows),
        "capacity": result.capacity,
        "proof": {"checks": len(proof.checks), "failed": failed, "readings": proof.readings} if proof else None,
        "carried": [_carried(one) for one in result.carried] if result.verified else [],
        "hand_over": None
        if late is None or not result.verified
        else {
            name: getattr(late, name)
            for name in ("batch", "offered_per_s", "count", "p50_s", "p99_s", "p999_s", "max_s")
        },
        "notes": list(result.notes),
    }


def _carried(one: Carried) -> dict[str, Any]:
    speed, ratio = one.per_s, one.speed_up
    return {
        "batch": one.batch,
        "throughput": {"median": speed.median, "low": speed.low, "high": speed.high},
        "speedup": None
        if ratio is None
        else {
            "median": ratio.ratio.median,
            "low": ratio.ratio.low,
            "high": ratio.ratio.high,
            "baseline": ratio.baseline,
            "verdict": ratio.verdict,
            "detectable": ratio.detectable,
            "confidence": ratio.confidence,
        },
    }
