"""The equality proof: every cell with every check, and how close the worst value came to its bound."""

from harness.results import Cell, Proof
from reports.content import Block, Column, Fold, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.ranking import Ranking, rankings, status_words, where
from reports.tables import make_table, number, text
from reports.text import count, percent

ORDER = 60

_PASSED = Value("✓", order=1.0, tone="good")
_FAILED = Value("✗", order=0.0, tone="bad")


def build(run: Run) -> Section | None:
    """A row for each cell that was put to the proof; then, for each ranking, every check of every cell."""
    found = [(ranking, proved) for ranking in rankings(run.cells) if (proved := _proved(ranking))]
    if not found:
        return None
    intro = Paragraph(
        "Every output was compared with an oracle that shares no code with any implementation and sums exactly."
        " The allowed error of a calibrated value follows from float32 arithmetic, of a sum from the number of its"
        " terms; everything else must be equal. A share of 100% is the bound itself."
    )
    blocks: list[Block] = [intro, _summary([cell for _, cells in found for cell in cells])]
    for ranking, cells in found:
        matrix = _matrix(ranking, cells)
        summary = f"All {count(len(matrix.rows), 'check')} on {ranking.title}"
        blocks.append(Fold(summary, (matrix,)))
    return Section("Equality proof", "proof", tuple(blocks))


def _proved(ranking: Ranking) -> list[Cell]:
    return [place.cell for place in ranking.places if place.cell.proof]


def _summary(cells: list[Cell]) -> Table:
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
    )
    return make_table(
        "Cells that were put to the proof", columns, [_row(cell, cell.proof) for cell in cells if cell.proof]
    )


def _row(cell: Cell, proof: Proof) -> Row:
    whole = "{:,.0f}".format
    passed = sum(not result.failures for result in proof.checks)
    outcome = f"{passed} of {count(len(proof.checks), 'check')}"
    return Row(
        (
            text(cell.implementation),
            text(where(cell)),
            text(
                outcome if cell.verified else f"{status_words(cell)}: {outcome}",
                tone="good" if cell.verified else "bad",
            ),
            number(proof.worst_error_ulp),
            number(proof.allowed_there_ulp),
            number(proof.worst_share, lambda share: percent(share).removesuffix("%")),
            number(proof.readings, whole),
            number(proof.timed_calls_checked, whole),
            number(proof.seconds),
        ),
        tone="" if cell.verified else "bad",
    )


def _matrix(ranking: Ranking, cells: list[Cell]) -> Table:
    """A row a check, a column a cell; a dash where a check was not made."""
    outcomes = [
        {result.check: _FAILED if result.failures else _PASSED for result in cell.proof.checks}
        for cell in cells
        if cell.proof
    ]
    checks = dict.fromkeys(check for found in outcomes for check in found)
    columns = (Column("Check"), *(Column(cell.implementation, kind="mark") for cell in cells))
    rows = [
        Row((text(check.replace("_", " ")), *(found.get(check, Value()) for found in outcomes))) for check in checks
    ]
    return Table(f"Every check of every cell on {ranking.title}", columns, tuple(rows), sortable=False)
