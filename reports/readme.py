"""Picture and table of a stored run for a page such as a README: ``python -m reports.readme RUN PAGE PICTURE``."""

import re
import sys
from pathlib import Path

from harness.errors import InputError, MeasurementError
from harness.store import write_whole
from reports.content import Paragraph, Table
from reports.load import Run, load
from reports.markdown import block
from reports.plots.hero import hero
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
    return f"{block(Paragraph(sentence(verdict)), 2)}\n\n{block(shown, 2)}\n"


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
