"""Sentinels: comparisons whose answer is known, made in the same run to see whether its verdicts can be trusted."""

from harness.store import Record
from reports.content import Block, Callout, Column, Paragraph, Row, Section, Value
from reports.load import Run
from reports.tables import make_table, number, text

ORDER = 75


def build(run: Run) -> Section | None:
    """The sentinels of a rigorous run, and this machine's noise where it was measured."""
    blocks: list[Block] = []
    if run.noise:
        parts = (f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in run.noise.items())
        blocks.append(Paragraph(f"Identical code compared with itself on this machine. {'; '.join(parts)}."))
    rows = [_row(record) for record in run.records.get("sentinel", ())]
    if any(row.tone == "bad" for row in rows):
        title = "A sentinel came out wrong: do not trust this run's verdicts"
        blocks.append(Callout("danger", title))
    if rows:
        columns = (
            Column("Sentinel"),
            Column("Workload"),
            Column("Expected"),
            Column("Verdict"),
            Column("Ratio", "times", "number"),
            Column("As expected"),
        )
        blocks.append(make_table("Comparisons with a known answer", columns, rows))
    return Section("Sentinels", "sentinels", tuple(blocks)) if blocks else None


def _row(record: Record) -> Row:
    get = record.get
    ratio = get("ratio")
    middle = ratio.get("median") if isinstance(ratio, dict) else ratio
    passed = get("passed")
    mark = Value() if passed is None else Value("yes", tone="good") if passed else Value("no", tone="bad")
    return Row(
        (
            text(get("name") or "sentinel"),
            text(get("workload")),
            text(get("expected")),
            text(get("verdict")),
            number(middle if isinstance(middle, int | float) else None),
            mark,
        ),
        tone="bad" if passed is False else "",
    )


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
