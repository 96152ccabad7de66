"""A run as one flat table: a row a cell, units in the names, always the same columns in the same order."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reports.document import document
from reports.load import Run

Kind = Literal["text", "integer", "number", "flag"]


@dataclass(frozen=True, slots=True)
class FlatColumn:
    """A column: its name, the kind of its values and the keys under which the summary has it."""

    name: str
    kind: Kind
    keys: tuple[str, ...]


def _columns(kind: Kind, *names: str, under: str = "", prefix: str | None = None) -> tuple[FlatColumn, ...]:
    keys = (under,) if under else ()
    prefix = under if prefix is None else prefix
    return tuple(FlatColumn(f"{prefix}_{name}" if prefix else name, kind, (*keys, name)) for name in names)


COLUMNS: tuple[FlatColumn, ...] = (
    *_columns("text", "implementation", "approach", "workload"),
    *_columns("flag", "is_real"),
    *_columns("text", "size", "requested_size", "workload_digest"),
    *_columns("integer", "threads"),
    *_columns("text", "status", "reason"),
    *_columns("flag", "verified"),
    *_columns("integer", "rank"),
    FlatColumn("throughput_per_s", "number", ("throughput", "median")),
    FlatColumn("throughput_low_per_s", "number", ("throughput", "low")),
    FlatColumn("throughput_high_per_s", "number", ("throughput", "high")),
    FlatColumn("speedup", "number", ("speedup", "median")),
    *_columns("number", "low", "high", under="speedup"),
    *_columns("text", "baseline", "verdict", under="speedup"),
    *_columns("number", "detectable", "confidence", under="speedup"),
    *_columns("integer", "runtime_bytes", "peak_bytes", "history_bytes", "retained_bytes", under="memory"),
    *_columns("number", "allocations_per_batch", under="memory"),
    *_columns("integer", "batch", "calls", under="service"),
    *_columns("number", "p50_s", "p99_s", "max_s", under="service"),
    *_columns("number", "start_s", "first_answer_s", under="set_up", prefix=""),
    *_columns("number", "offered_per_s", "p50_s", "p99_s", "p999_s", "max_s", under="latency"),
    *_columns("flag", "kept_up", under="latency"),
    *_columns("number", "per_s", "slo_percentile", "slo_s", under="capacity"),
    *_columns("flag", "steady"),
    *_columns("number", "roofline_share"),
    *_columns("integer", "checks", "readings", under="proof"),
    *_columns("number", "worst_error_ulp", "allowed_there_ulp", "worst_share", under="proof"),
    *_columns("integer", "timed_calls_checked", under="proof"),
)


def flat_rows(run: Run) -> list[dict[str, Any]]:
    """The cells of `run` as rows, None where nothing is known; each begins with the run's name."""
    return [
        {"run": run.id} | {column.name: _value(cell, column.keys) for column in COLUMNS}
        for cell in document(run)["cells"]
    ]


def to_csv(run: Run) -> str:
    """`run` as CSV (RFC 4180, line feeds); empty where nothing is known, numbers to the last digit.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["run", *(column.name for column in COLUMNS)])
    for row in flat_rows(run):
        writer.writerow([_text(value) for value in row.values()])
    return buffer.getvalue()


def _value(cell: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    found: Any = cell
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if value[:1] in set("=+-@\t\r") else value
    return repr(value)
