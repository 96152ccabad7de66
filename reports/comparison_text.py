"""A comparison as Markdown fit for a pull request, and as JSON values."""

import math
from typing import Any

from harness.results import to_builtins
from harness.units import format_bytes
from reports.comparison import Change, Comparison

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
    """A verdict line, one row a cell, and what makes it doubtful."""
    counts = {name: sum(change.verdict == name for change in comparison.changes) for name in _MARKS}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    decided = any(change.verdict not in ("inconclusive", "not comparable") for change in comparison.changes)
    found = "🔴 Regressions" if comparison.is_bad else "⚪ No regression found" if decided else "🟡 Nothing decided"
    lines = [
        f"### {found}: {said}",
        "",
        (
            f"`{comparison.before}` → `{comparison.after}`, threshold {comparison.threshold:.3g}, "
            "intervals hold for all rows at once at 99%."
        ),
        "",
    ]
    lines += [f"> ⚠️ unlike: {text}" for text in comparison.unlike]
    lines += ["" for _ in comparison.unlike[:1]]
    lines += [
        "| | implementation | workload | size | time per reading | interval | against | peak memory | verdict |",
        "|---|---|---|---|---:|---:|---|---:|---|",
    ]
    lines += [_row(change) for change in comparison.changes]
    for title, keys in (("Only before", comparison.only_before), ("Only after", comparison.only_after)):
        if keys:
            lines += ["", f"{title}: " + ", ".join(_plain("/".join(key)) for key in keys)]
    return "\n".join(lines) + "\n"


def _row(change: Change) -> str:
    slowdown = change.slowdown
    moved, interval = "", ""
    if slowdown is not None:
        moved = f"{math.expm1(slowdown.estimate):+.1%}"
        interval = f"{math.expm1(slowdown.low):+.1%} to {math.expm1(slowdown.high):+.1%}"
    memory = " → ".join(map(format_bytes, change.memory)) if change.memory else ""
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
