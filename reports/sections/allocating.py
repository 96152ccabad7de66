"""Allocation: what it takes to get a buffer and give it back, from a pool and afresh."""

from statistics import median

from harness.units import figure
from reports.content import Column, Paragraph, Row, Section, Value
from reports.load import Run
from reports.tables import NOTHING, make_table, number, text
from reports.text import span

ORDER = 32

PATTERNS = {"singly": "one after the other", "together": "all before the first is given back"}


def build(run: Run) -> Section | None:
    """The newest measurement; None where there is none."""
    records = run.records.get("allocating", ())
    if not records:
        return None
    record = records[-1]
    rows = []
    for way in record["ways"]:
        ratio = way["speed_up"]
        shown = NOTHING
        if ratio:
            shown = Value(figure(ratio["median"]), span(ratio["low"], ratio["high"]), order=ratio["median"])
        rows.append(Row((text(way["way"]), text(PATTERNS[way["pattern"]]), number(median(way["ns"])), shown)))
    columns = (
        Column("Source"),
        Column("Buffers are held"),
        Column("A buffer", "ns", "number", "Median of the processes"),
        Column("Times as fast as fresh", kind="number", meaning="Fresh over this, 95% interval over the processes"),
    )
    intro = Paragraph(
        f"{record['buffers']:,} buffers of {record['values']:,} float32 values taken and given back, as the study's"
        f" pool has them, by turns in {record['processes']} fresh processes. Fresh is an array of zeros each time; the"
        " pool is a stack of arrays made beforehand, as it is and cleared, as a fresh one is clear; the parts are what"
        " the implementations take their buffers from."
    )
    return Section("Allocation", "allocation", (intro, make_table("A buffer, taken and given back", columns, rows)))
