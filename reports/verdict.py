"""The sentence a run comes down to: who is fastest, by how much, on which readings."""

from dataclasses import dataclass

from harness.results import Cell
from harness.units import figure
from reports.content import Rich, Span, strong
from reports.fixed_cost import telling
from reports.load import Run
from reports.ranking import Place, Ranking, rankings, surely_faster
from reports.text import in_words, span


@dataclass(frozen=True, slots=True)
class Verdict:
    """The winner of a ranking; `real` if its readings were recorded."""

    ranking: Ranking
    winner: Place
    real: bool

    @property
    def tied(self) -> tuple[str, ...]:
        """Those that the winner is not surely faster than, in the order of their ranks."""
        first, *others = self.ranking.ranked
        return tuple(place.cell.implementation for place in others if not surely_faster(first.cell, place.cell))

    @property
    def outrun(self) -> tuple[str, ...]:
        """Those of a higher throughput that took it at other times, while pairs put the winner first."""
        first, *others = (place.cell for place in self.ranking.ranked)
        return tuple(cell.implementation for cell in others if _per_s(cell) > _per_s(first))


def verdicts(run: Run) -> tuple[Verdict, ...]:
    """The winner of each ranking that has one, real readings first; none where a pass costs more than its readings."""
    found = rankings(telling(run.cells))
    return tuple(Verdict(ranking, ranking.ranked[0], ranking.is_real) for ranking in found if ranking.ranked)


def sentence(verdict: Verdict) -> Rich:
    """A verdict in one sentence."""
    cell = verdict.winner.cell
    assert cell.throughput is not None
    speed = cell.throughput.per_s
    pieces: list[str | Span] = [
        "Fastest verified on real input: " if verdict.real else "Fastest verified (no real input in this run): ",
        strong(cell.implementation),
        ", ",
        strong(f"{in_words(speed.median)} readings/s"),
        f" ({_ends(speed.low, speed.high, speed.median)})",
    ]
    if cell.speed_up is not None:
        ratio = cell.speed_up.ratio
        pieces += [
            ", ",
            strong(f"{figure(ratio.median)} times {cell.speed_up.baseline}"),
            f" ({span(ratio.low, ratio.high)})",
        ]
    return (*pieces, f", on {verdict.ranking.title}.")


def _per_s(cell: Cell) -> float:
    return cell.throughput.per_s.median if cell.throughput else 0.0


def _ends(low: float, high: float, median: float) -> str:
    """The ends of an interval in the unit that `in_words` says the median in."""
    base = next((base for base in (1e9, 1e6) if median >= 0.9995 * base), 1.0)
    return span(low / base, high / base)
