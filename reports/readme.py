"""Picture and table of a stored run for a page such as a README: ``python -m reports.readme RUN PAGE PICTURE``."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import InputError, MeasurementError
from harness.results import Level
from harness.store import write_whole
from reports.content import Paragraph, Table
from reports.load import Run, load
from reports.markdown import block
from reports.plots.hero import hero
from reports.ranking import Ranking
from reports.sections.throughput import ranking_table
from reports.verdict import Verdict, sentence, verdicts

_COLUMNS = ("#", "Implementation", "Throughput", "Speed-up", "Peak memory", "Latency p99", "First answer")
_MARKED = re.compile(r"(<!-- comparison:.*?-->\n).*?(<!-- end of comparison -->)", re.DOTALL)


def picture(run: Run) -> str:
    """The ranking that the verdict of `run` is about, as an SVG document; raises MeasurementError without one."""
    return hero(_first(run).ranking)


def table(run: Run) -> str:
    """The verdict and its ranking as Markdown; raises MeasurementError without one."""
    verdict = _first(run)
    whole = ranking_table(verdict.ranking)
    kept = [index for index, column in enumerate(whole.columns) if column.title in _COLUMNS]
    columns = tuple(whole.columns[index] for index in kept)
    ranked = whole.rows[: len(verdict.ranking.ranked)]
    rows = tuple(type(row)(tuple(row.values[index] for index in kept), tone=row.tone) for row in ranked)
    shown = Table(whole.caption, columns, rows, header=kept.index(whole.header))
    parts = (Paragraph(sentence(verdict)), shown, Paragraph(f"{_origin(run)} {_ranked(verdict.ranking, run.level)}"))
    return "\n\n".join(block(part, 2) for part in parts) + "\n"


def _origin(run: Run) -> str:
    """How, where and when the figures came about."""
    cpu: Mapping[str, Any] = run.environment.get("cpu") or {}
    software: Mapping[str, Any] = run.environment.get("software") or {}
    facts = (
        f"Level {run.level} of sensorbench run" if run.level else None,
        cpu.get("model"),
        f"{cpu['allowed']} CPUs" if cpu.get("allowed") else None,
        f"commit {str(software['commit'])[:7]}" if software.get("commit") else None,
        (run.started or "")[:10] or None,
    )
    measured = ", ".join(fact for fact in facts if fact)
    return f"{measured}."


def _ranked(ranking: Ranking, level: Level | None) -> str:
    """How to read the figures, what the ranks follow, and which of them are not certain."""
    at_once = "" if level is Level.QUICK else ", for speed-ups one that holds for all of them at once at 99%"
    tied = [
        f"{place.cell.implementation} from {place.tied_with}" for place in ranking.ranked if place.tied_with is not None
    ]
    return (
        f"In brackets the 95% interval{at_once}. Rank follows {ranking.rule}; pairs take turns, so that a speed-up "
        "need not be the quotient of two throughputs, which come from different minutes."
        + (f" Not told apart: {'; '.join(tied)}." if tied else "")
    )


def _first(run: Run) -> Verdict:
    found = verdicts(run)
    if not found:
        raise MeasurementError(f"run {run.id} has no verified and timed cell; make one with 'sensorbench run --quick'")
    return found[0]


def renewed(page: str, run: Run) -> str:
    """`page` with the table of `run` between its two marks; raises InputError where they are not there."""
    if not _MARKED.search(page):
        raise InputError("the page has no '<!-- comparison: ... -->' and '<!-- end of comparison -->'; put them in")
    return _MARKED.sub(lambda marked: f"{marked[1]}{table(run)}{marked[2]}", page)


if __name__ == "__main__":
    stored, page = load(Path(sys.argv[1])), Path(sys.argv[2])
    write_whole(Path(sys.argv[3]), picture(stored))
    write_whole(page, renewed(page.read_text(encoding="utf-8"), stored))
