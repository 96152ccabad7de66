"""How memory grows with what is retained: the newest record of each workload, and their place in the summary."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.store import Record
from reports.load import Run

KIND = "retention"
"""The kind of their records in the store."""

_POINT = ("retain", "peak_bytes", "runtime_bytes", "retained_bytes", "history_bytes")


NOT_RESOLVED = "not resolved: retain more"
"""What stands where a slope would, of which not even the sign is known."""


def is_resolved(fit: Mapping[str, Any]) -> bool:
    """Whether the interval of the bytes a reading leaves out 0.

    >>> [is_resolved({"bytes_per_reading": {"low": low, "high": 9.0}}) for low in (-0.5, 0.0, 7.0)]
    [False, False, True]
    """
    found = fit["bytes_per_reading"]
    return bool(found["low"] > 0 or found["high"] < 0)


def retention_records(run: Run) -> tuple[Record, ...]:
    """The newest of each workload, in the order of first measurement."""
    return tuple({record.get("workload"): record for record in run.records.get(KIND, ())}.values())


def retention_documents(run: Run) -> Iterator[dict[str, Any]]:
    """Each implementation on each workload in the summary: no figure of an unproved one."""
    for record in retention_records(run):
        for curve in record["curves"]:
            yield _document(record, curve)


def _document(record: Record, curve: Mapping[str, Any]) -> dict[str, Any]:
    is_verified = curve["checks"] > 0
    fit = curve["fit"] if is_verified else None
    return {
        "implementation": curve["implementation"],
        "approach": curve["approach"],
        "workload": record["workload"],
        "workload_digest": record["digest"],
        "sensors": record["fixed"]["sensors"],
        "batch": record["fixed"]["batch"],
        "verified": is_verified,
        "bytes_per_reading": fit and dict(fit["bytes_per_reading"]),
        "fixed_bytes": fit and fit["fixed_bytes"],
        "points": [{name: point[name] for name in _POINT} for point in curve["points"] if is_verified],
        "left_out": [dict(left) for left in curve["left_out"]],
    }
