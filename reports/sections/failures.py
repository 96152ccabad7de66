"""Failures: what has no figure, and the cause."""

from harness.results import Cell, Status
from reports.content import Block, Column, Row, Section, Table
from reports.load import Run
from reports.ranking import status_words, where, why_unverified
from reports.tables import make_table, text
from reports.text import LONGEST, shortened

ORDER = 25
_MOST = 10
"""Failures shown of one cell; the summary has all names of checks."""


def build(run: Run) -> Section | None:
    """What failed, with the first places at which it did; then what cannot run on this machine."""
    failed = [cell for cell in run.cells if not cell.verified and cell.status is not Status.UNAVAILABLE]
    missing = [cell for cell in run.cells if cell.status is Status.UNAVAILABLE]
    blocks: list[Block] = []
    if failed:
        blocks.append(_causes(failed))
    if any(cell.proof and cell.proof.failures for cell in failed):
        blocks.append(_places(failed))
    if missing:
        blocks.append(_unavailable(missing))
    return Section("Failures", "failures", tuple(blocks)) if blocks else None


def _causes(cells: list[Cell]) -> Table:
    columns = (Column("Implementation"), Column("Workload"), Column("What became of it"), Column("Cause"))
    rows = []
    for cell in cells:
        words = status_words(cell)
        cause = (why_unverified(cell) or "").removeprefix(words).removeprefix(": ")
        place = text(where(cell))
        rows.append(
            Row(
                (text(cell.implementation), place, text(words, tone="bad"), text(shortened(cause, LONGEST))), tone="bad"
            )
        )
    return make_table("Cells without a figure", columns, rows)


def _places(cells: list[Cell]) -> Table:
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Check"),
        Column("Batch", kind="number"),
        Column("Position", "reading", "number"),
        Column("Expected"),
        Column("Got"),
        Column("Allowed"),
    )
    rows = [
        Row(
            (
                text(cell.implementation),
                text(where(cell)),
                text(failure.check.replace("_", " ")),
                text(failure.batch),
                text(failure.position),
                text(failure.expected),
                text(failure.got),
                text(failure.allowed),
            )
        )
        for cell in cells
        if cell.proof
        for failure in cell.proof.failures[:_MOST]
    ]
    return make_table("The first places at which checks failed", columns, rows)


def _unavailable(cells: list[Cell]) -> Table:
    reasons: dict[tuple[str, str | None], list[str]] = {}
    for cell in cells:
        reasons.setdefault((cell.implementation, cell.reason), []).append(where(cell))
    columns = (Column("Implementation"), Column("Why, and what would mend it"), Column("Workloads"))
    rows = [
        Row((text(name), text(reason), text(", ".join(places), tone="muted")), tone="muted")
        for (name, reason), places in reasons.items()
    ]
    return make_table("Not available on this machine", columns, rows)
