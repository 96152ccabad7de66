"""A comparison as Markdown fit for a pull request, and as JSON values."""

import math
from typing import Any

from harness.results import to_builtins
from harness.statistics.verdict import LEAST_PAIRS, PLAIN_CONFIDENCE
from harness.units import format_bytes
from reports.change import Change, Moved, in_percent
from reports.comparison import Comparison

_MARKS = {
    "regression": "🔴",
    "broken": "🔴",
    "improvement": "🟢",
    "mended": "🟢",
    "no regression": "⚪",
    "inconclusive": "🟡",
    "not comparable": "⚫",
}


def comparison_json(comparison: Comparison) -> Any:
    """The comparison as JSON values; beside each logarithm of a ratio of times stands the ratio itself."""
    document = {**to_builtins(comparison), "is_bad": comparison.is_bad}
    for change, values in zip(comparison.changes, document["changes"], strict=True):
        values["time_ratio"] = change.slowdown and {
            name: math.exp(getattr(change.slowdown, name)) for name in ("estimate", "low", "high")
        }
    return document


def comparison_markdown(comparison: Comparison) -> str:
    """A verdict line, what the baselines did themselves, one row a cell, and what makes it doubtful."""
    counts = {name: sum(change.verdict == name for change in comparison.changes) for name in _MARKS}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    decided = any(change.verdict not in ("inconclusive", "not comparable") for change in comparison.changes)
    found = "🔴 Regressions" if comparison.is_bad else "⚪ No regression found" if decided else "🟡 Nothing decided"
    lines = [f"### {found}: {said}", "", f"{_about(comparison)}{_moves(comparison)}", ""]
    doubts = [f"unlike: {text}" for text in comparison.unlike]
    doubts += [_shared(moved) for moved in comparison.baselines if moved.beyond]
    lines += [f"> ⚠️ {text}" for text in doubts]
    lines += ["" for _ in doubts[:1]]
    lines += [
        "| | implementation | workload | size | time per reading | interval | against | peak memory | verdict |",
        "|---|---|---|---|---:|---:|---|---:|---|",
    ]
    lines += [_row(change) for change in comparison.changes]
    for title, keys in (("Only before", comparison.only_before), ("Only after", comparison.only_after)):
        if keys:
            lines += ["", f"{title}: " + ", ".join(_plain("/".join(key)) for key in keys)]
    return "\n".join(lines) + "\n"


def _about(comparison: Comparison) -> str:
    few = any(change.slowdown and change.slowdown.confidence == PLAIN_CONFIDENCE for change in comparison.changes)
    return (
        f"`{comparison.before}` → `{comparison.after}`, threshold {comparison.threshold:.3g}, "
        "intervals hold for all rows at once at 99%"
        + (f" (with fewer than {LEAST_PAIRS} processes: each at 95%)." if few else ".")
    )


def _moves(comparison: Comparison) -> str:
    """How much the baselines moved themselves, which the rows against them cannot show."""
    moves = [f"{_of(moved)} {in_percent(moved.slowdown)}" for moved in comparison.baselines]
    return f" Baselines by themselves, in two sessions: {'; '.join(moves)}." if moves else ""


def _shared(moved: Moved) -> str:
    return (
        f"{_of(moved)} itself became {moved.beyond} by more than the threshold: the machine, code that all share, or it"
        " alone; rows against it show only what differs from that"
    )


def _of(moved: Moved) -> str:
    return _plain("{} on {} at {}".format(*moved.key))


def _row(change: Change) -> str:
    slowdown = change.slowdown
    moved, interval = "", ""
    if slowdown is not None:
        moved = f"{math.expm1(slowdown.estimate):+z.1%}"
        interval = f"{math.expm1(slowdown.low):+z.1%} to {math.expm1(slowdown.high):+z.1%}"
    memory = " → ".join("not weighed" if peak is None else format_bytes(peak) for peak in change.memory or ())
    against = change.relative_to or ("itself" if slowdown is not None else "")
    cells = (
        _MARKS[change.verdict],
        *change.key,
        moved,
        interval,
        against,
        memory,
        f"{change.verdict}: {change.reason}",
    )
    return "| " + " | ".join(map(_plain, cells)) + " |"


def _plain(text: str) -> str:
    """`text` with what Markdown or HTML would take for markup made harmless."""
    for character, harmless in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("\n", " ")):
        text = text.replace(character, harmless)
    return text
