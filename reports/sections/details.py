"""What implementations say of themselves: parameters, facts, counts. Shown, never judged."""

from collections.abc import Mapping

from harness.units import figure
from reports.content import Column, Paragraph, Row, Section
from reports.load import Run
from reports.ranking import where
from reports.tables import make_table, text

ORDER = 70


def build(run: Run) -> Section | None:
    """One row for each cell that has something to say."""
    rows = [
        Row(
            (
                text(cell.implementation),
                text(where(cell)),
                text(_listed(cell.parameters)),
                text(_listed(cell.facts)),
            )
        )
        for cell in run.cells
        if cell.verified and (cell.parameters or cell.facts)
    ]
    if not rows:
        return None
    columns = (Column("Implementation"), Column("Workload"), Column("Parameters"), Column("Facts"))
    intro = Paragraph("Parameters as they were set, and what each implementation reports about its own work.")
    table = make_table("Parameters and facts", columns, rows)
    return Section("Details", "details", (intro, table))


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in values.items())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return figure(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
