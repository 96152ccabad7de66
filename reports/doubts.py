"""What casts doubt on a run: said before its figures, wherever they are shown."""

from collections.abc import Iterator

from harness.results import Level
from reports.content import Callout
from reports.fixed_cost import MEANING, is_fixed_cost
from reports.load import Run
from reports.ranking import rankings, status_words, where
from reports.text import moment


def doubts(run: Run) -> Iterator[Callout]:
    """The gravest first; none for a run without doubt."""
    if run.damage:
        yield Callout("danger", "Part of this run could not be read; what is shown is intact", run.damage)
    wrong = tuple(
        f"{cell.implementation} on {where(cell)}" for cell in run.cells if status_words(cell) == "wrong answer"
    )
    if wrong:
        yield Callout("danger", "Wrong answers", wrong)
    yield from fallen_sentinels(run)
    if run.unstable:
        yield Callout("warning", "This machine is unstable: its numbers are doubtful", run.unstable)
    others = tuple(_other_code(run))
    if others:
        title = (
            f"Made in {len(run.sessions)} sessions, not all with the same code: figures of one ranking may not compare"
        )
        yield Callout("warning", title, others)
    changed = tuple(_changed(run))
    if changed:
        title = "The readings of a workload changed during the run; each content is ranked apart"
        yield Callout("warning", title, changed)
    small = tuple(dict.fromkeys(where(cell) for cell in run.cells if cell.verified and is_fixed_cost(cell)))
    if small:
        title = f"No figure a reading: {MEANING}, and neither verdict nor decision rests on it"
        yield Callout("warning", title, small)
    if run.is_planned and run.manifest.get("finished") is None:
        body = "It is under way or was cut off; 'sensorbench run --resume --out FOLDER' goes on with it."
        yield Callout("note", "This run is not finished: more cells may come", (body,))
    if run.level is Level.QUICK and run.cells:
        body = "Intervals are shown, verdicts are not: three pairs cannot carry one. Run without --quick for verdicts."
        yield Callout("note", "Quick level", (body,))


def fallen_sentinels(run: Run) -> Iterator[Callout]:
    """A warning if a comparison with a known answer came out wrong."""
    lines = tuple(
        f"{record.get('name')}: expected {record.get('expected')}, came out {record.get('verdict')}"
        for record in run.records.get("sentinel", ())
        if record.get("passed") is False
    )
    if lines:
        yield Callout("danger", "A sentinel fell: the verdicts of this run are not to be trusted", lines)


def _other_code(run: Run) -> Iterator[str]:
    """The sessions that went on with other code or software than the run began with."""
    for session in run.sessions:
        differs = session.get("differs")
        if isinstance(differs, list | tuple) and differs:
            yield f"{moment(str(session.get('started')))}: {'; '.join(map(str, differs))}"


def _changed(run: Run) -> Iterator[str]:
    """The workloads that had more than one content at one size."""
    seen: set[str] = set()
    for ranking in rankings(run.cells):
        if ranking.title in seen:
            yield ranking.title
        seen.add(ranking.title)
