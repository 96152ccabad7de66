"""What a run comes down to, at its end: who is fastest on each workload, in a table as small as a terminal."""

from harness.cli.console import note, say, say_table
from harness.results import Cell, Interval
from harness.units import figure, format_rate
from reports.content import Headline, plain
from reports.load import Run
from reports.ranking import Place, rankings, status_words
from reports.sections import verdict

_MOST_ROWS = 10
_COLUMNS = ("#", "implementation", "readings/s", "95%", "speed-up", "interval")


def show_ranking(run: Run, *, on_stderr: bool) -> None:
    """A table of each workload and the verdict, on standard error where an answer has standard output for itself."""
    say_line = note if on_stderr else say
    for ranking in rankings(run.cells):
        shown = ranking.places[:_MOST_ROWS]
        say_table(_COLUMNS, map(_row, shown), ranking.title, on_stderr=on_stderr)
        if len(ranking.places) > len(shown):
            say_line(f"and {len(ranking.places) - len(shown)} more in the report")
        say_line("")
    headline = verdict.build(run).blocks[0]
    assert isinstance(headline, Headline)
    say_line(plain(headline.text))


def _row(place: Place) -> tuple[str, ...]:
    cell = place.cell
    if place.rank is None or cell.throughput is None:
        why = (
            status_words(cell) if not cell.verified else f"measured at {cell.size}" if cell.throughput else "not timed"
        )
        return "", cell.implementation, why, "", "", ""
    per_s = cell.throughput.per_s
    return (
        str(place.rank),
        cell.implementation,
        format_rate(per_s.median),
        f"{format_rate(per_s.low)} to {format_rate(per_s.high)}",
        *_speed_up(cell),
    )


def _speed_up(cell: Cell) -> tuple[str, str]:
    if cell.speed_up is None:
        return "", ""
    ratio: Interval = cell.speed_up.ratio
    return f"{figure(ratio.median)} x {cell.speed_up.baseline}", f"{figure(ratio.low)} to {figure(ratio.high)}"
