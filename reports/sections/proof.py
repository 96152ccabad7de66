"""The equality proof: every cell with every check, and how close the worst value came to its bound."""

from harness.results import Cell, Proof
from reports.content import Column, Paragraph, Row, Section, Value
from reports.load import Run
from reports.ranking import rankings, status_words, where
from reports.tables import make_table, number, several, text
from reports.text import percent

ORDER = 60

_PASSED = Value("✓", order=1.0, tone="good")
_FAILED = Value("✗", order=0.0, tone="bad")


def build(run: Run) -> Section | None:
    """One table with all cells that were put to the proof."""
    cells = [p.cell for ranking in rankings(run.cells) for p in ranking.places if p.cell.proof]
    if not cells:
        return None
    intro = Paragraph(
        "Every output was compared with an oracle that shares no code with any implementation and sums exactly."
        " The allowed error of a calibrated value follows from float32 arithmetic, of a sum from the number of its"
        " terms; everything else must be equal. A share of 100% is the bound itself."
    )
    checks = list(dict.fromkeys(result.check for cell in cells if cell.proof for result in cell.proof.checks))
    sized = several(cells, lambda cell: (cell.workload, cell.size))
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Outcome"),
        Column("Worst error", "ULP", "number", "Of a calibrated value, in units in the last place of float32"),
        Column("Allowed there", "ULP", "number"),
        Column("Of the bound", "%", "number", "The largest error as a share of what is allowed where it occurred"),
        Column("Compared", "readings", "number"),
        Column("Timed calls", "checked", "number"),
        Column("Took", "s", "number"),
        *(Column(check.replace("_", " "), kind="mark") for check in checks),
    )
    rows = [_row(cell, cell.proof, checks, sized) for cell in cells if cell.proof]
    return Section("Equality proof", "proof", (intro, make_table("Every cell with every check", columns, rows)))


def _row(cell: Cell, proof: Proof, checks: list[str], sized: bool) -> Row:
    outcomes = {result.check: _FAILED if result.failures else _PASSED for result in proof.checks}
    whole = "{:,.0f}".format
    passed = sum(outcome is _PASSED for outcome in outcomes.values())
    outcome = f"{passed} of {len(outcomes)} checks" if cell.verified else status_words(cell)
    return Row(
        (
            text(cell.implementation),
            text(where(cell) if sized else None),
            text(outcome, tone="good" if cell.verified else "bad"),
            number(proof.worst_error_ulp),
            number(proof.allowed_there_ulp),
            number(proof.worst_share, lambda share: percent(share).removesuffix("%")),
            number(proof.readings, whole),
            number(proof.timed_calls_checked, whole),
            number(proof.seconds),
            *(outcomes.get(check, Value()) for check in checks),
        )
    )
