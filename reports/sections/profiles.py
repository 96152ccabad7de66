"""Profiles: flame graphs of memory beside the report, and allocations by line."""

from reports.content import Block, Column, Paragraph, Row, Section, Span
from reports.load import Run
from reports.ranking import slug
from reports.tables import make_table, number, text
from reports.text import BYTES, count, quantity

ORDER = 33
_MOST_LINES = 12


def build(run: Run) -> Section | None:
    """The newest profile of each implementation and workload."""
    newest = {
        (record["implementation"], record["workload"], record["size"]): record
        for record in run.records.get("profile", ())
    }
    if not newest:
        return None
    blocks: list[Block] = [
        Paragraph(
            "Allocations in steady state, by memray; under it everything is slower, so no figure here is a speed."
        )
    ]
    for (name, workload, size), record in newest.items():
        batches = record["batches"]
        link = Span("flame graph", file=record["flame_graph"])
        said = (
            f"{name} on {workload} at {size}: {count(record['own_large'], 'allocation')} of 512 bytes and more by the"
            f" implementation in {count(batches, 'batch', 'batches')}, {count(record['own_small'], 'smaller one')}"
            f" (headers of arguments among them), {record['allocations']:,} in all; "
        )
        blocks.append(Paragraph((said, link, ".")))
        if record["lines"]:
            title = f"Allocations of {name} on {workload}, by line"
            rows = [
                Row(
                    (
                        text(f"{line['file']}:{line['line']}"),
                        text(line["function"]),
                        number(line["allocations"] / batches),
                        text(quantity(BYTES, line["bytes"] / batches)),
                    )
                )
                for line in record["lines"][:_MOST_LINES]
            ]
            blocks.append(make_table(title, _COLUMNS, rows))
    return Section("Memory profiles", slug("memory profiles"), tuple(blocks))


_COLUMNS = (
    Column("Line"),
    Column("Function"),
    Column("Allocations", "a batch", "number"),
    Column("Size", "a batch", "text"),
)
