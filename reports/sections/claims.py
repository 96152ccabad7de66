"""Claims: the study's figures beside what was measured."""

from collections import Counter

from reports.ablation import ladders
from reports.claim import TOLERANCE, Claim, Outcome
from reports.claims import claims
from reports.content import Block, Callout, Column, Headline, Paragraph, Row, Section, Table, Tone, Value, code
from reports.load import Run
from reports.study import study
from reports.tables import NOTHING, make_table, text
from reports.text import BYTES, count, percent, quantity

ORDER = 14

_LOOK: dict[Outcome, tuple[str, Tone]] = {
    Outcome.HELD: ("= held", "good"),
    Outcome.EXCEEDED: ("▲ exceeded", "good"),
    Outcome.MISSED: ("▼ missed", "bad"),
    Outcome.INCONCLUSIVE: ("? inconclusive", "warn"),
    Outcome.NOT_TESTABLE: ("not testable here", "muted"),
}
_TITLES = {"approaches": "Approaches", "phases": "Phases", "goals": "Goals"}


def build(run: Run) -> Section | None:
    """A table for approaches, phases and goals; None where the run can say nothing of any."""
    found = claims(run)
    at_study_rate = [ladder for ladder in ladders(run) if ladder.at_study_rate]
    climbed = bool(at_study_rate)
    if not run.cells and not any(ladder.approaches for ladder in at_study_rate):
        found = tuple(claim for claim in found if claim.group != "approaches")
    if not climbed:
        found = tuple(claim for claim in found if claim.group == "approaches")
    if not found or all(claim.outcome is Outcome.NOT_TESTABLE for claim in found):
        return None
    blocks: list[Block] = [_headline(found), Paragraph(_ABOUT)]
    if not climbed:
        ask = ("Run ", code("sensorbench ablate --run FOLDER"), " to put phases and goals to the test as well.")
        blocks.append(Callout("note", "Only the approaches were put to the test", (ask,)))
    for group, title in _TITLES.items():
        rows = [claim for claim in found if claim.group == group]
        if rows:
            blocks.append(_table(title, rows))
    blocks.append(Paragraph(_settings()))
    return Section("Claims", "claims", tuple(blocks))


_ABOUT = (
    f"Exceeded and missed: the whole interval is better or worse than the claim by more than {percent(TOLERANCE)}."
    f" Held: no part of it is worse by more than that. Inconclusive: it is too wide to tell. A figure without an"
    " interval is judged as it stands. Memory is compared as a share of what the starting point held, because the"
    " study's 30 GB depend on a load it does not describe."
)


def _headline(found: tuple[Claim, ...]) -> Headline:
    counts = Counter(claim.outcome for claim in found)
    said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    return Headline(f"{count(len(found), 'claim')}: {said}.")


def _table(title: str, rows: list[Claim]) -> Table:
    columns = (
        Column("Claim"),
        Column("Figure"),
        Column("Claimed"),
        Column("Measured"),
        Column("Outcome"),
        Column("On what, or why not"),
    )
    return make_table(f"{title}: claimed and measured", columns, [_row(claim) for claim in rows], sortable=False)


def _row(claim: Claim) -> Row:
    shown, tone = _LOOK[claim.outcome]
    measured = Value(claim.measured, claim.interval) if claim.measured else NOTHING
    values = (text(claim.subject), text(claim.figure), text(claim.claimed), measured, Value(shown, tone=tone))
    return Row((*values, text(claim.why, tone="muted")))


def _settings() -> str:
    found = study().settings
    pool_bytes = found.pool_buffers * found.pool_buffer_values * 4.0
    return (
        f"The study's settings are choices, not claims: micro-batches of {found.micro_batch_s * 1e3:.0f} ms, batches"
        f" of {found.batch:,}, a buffer of {found.buffer_readings:,} readings, a pool of"
        f" {found.pool_buffers:,} buffers of {found.pool_buffer_values:,} values ({quantity(BYTES, pool_bytes)})."
    )
