"""Sentinels: comparisons whose answer is known, made in the same run to see whether its verdicts can be trusted."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.store import Record
from harness.units import figure
from reports.content import Block, Column, Items, Row, Section, Value
from reports.doubts import fallen_sentinels
from reports.load import Run
from reports.tables import make_table, number, text
from reports.text import SECONDS, moment, percent, quantity, span

ORDER = 75


def build(run: Run) -> Section | None:
    """The sentinels of a rigorous run, and this machine's noise where it was measured."""
    blocks: list[Block] = []
    points = tuple(_noise(run.noise))
    if points:
        blocks.append(Items(points))
    rows = [_row(record) for record in run.records.get("sentinel", ())]
    blocks.extend(fallen_sentinels(run))
    if rows:
        columns = (
            Column("Sentinel"),
            Column("Workload"),
            Column("Session", meaning="When the session began that they were taken in"),
            Column("Expected"),
            Column("Verdict"),
            Column("Ratio", "times", "number"),
            Column("Pairs", kind="number"),
            Column("Detectable", "%", "number", "Smallest difference these pairs could have shown"),
            Column("As expected"),
        )
        blocks.append(make_table("Comparisons with a known answer", columns, rows))
    return Section("Sentinels", "sentinels", tuple(blocks)) if blocks else None


def _row(record: Record) -> Row:
    get = record.get
    passed = get("passed")
    mark = Value() if passed is None else Value("yes", tone="good") if passed else Value("no", tone="bad")
    values = (
        text(get("name") or "sentinel"),
        text(get("workload")),
        text(moment(str(get("session"))) if get("session") else None),
        text(get("expected")),
        text(get("verdict")),
        _ratio(get("ratio")),
        number(_known(get("pairs")), "{:.0f}".format),
        number(_known(get("detectable")), lambda share: percent(share).removesuffix("%")),
        mark,
    )
    return Row(values, tone="bad" if passed is False else "")


def _ratio(ratio: object) -> Value:
    if isinstance(ratio, Mapping):
        median, low, high = (_known(ratio.get(name)) for name in ("median", "low", "high"))
        if median is not None and low is not None and high is not None:
            return Value(figure(median, 4), span(low, high, 4), median)
    return number(_known(ratio), lambda value: figure(value, 4))


def _noise(noise: Mapping[str, Any]) -> Iterator[str]:
    """What comparing identical code on this machine showed."""
    deviation = _known(noise.get("deviation"))
    if deviation is not None:
        pairs = f"standard deviation of {noise.get('pairs')} pairs"
        yield f"Identical code compared with itself differed by {percent(deviation)} ({pairs})."
    detectable = noise.get("detectable")
    if isinstance(detectable, Mapping):
        shown = [f"{pairs} pairs {percent(share)}" for pairs, share in detectable.items() if _known(share) is not None]
        if shown:
            yield f"The smallest difference that shows here four times in five: {', '.join(shown)}."
    stalls = noise.get("stalls")
    longest = _known(stalls.get("longest_s")) if isinstance(stalls, Mapping) else None
    if longest is not None:
        yield f"The longest stall of an idle loop was {quantity(SECONDS, longest)}."


def _known(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
