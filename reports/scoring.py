"""Weighted scores in the study's manner: feasibility, effect, risk and depth, each out of ten."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from harness.results import Cell
from harness.units import figure
from reports.facts import Facts
from reports.study import Marks, study

_HIGHEST = 10.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What each mark counts for; the defaults are those that reproduce the study's scores without depth."""

    feasibility: float = 0.25
    effect: float = 1.5
    risk: float = -1.35
    depth: float = 0.0

    def __str__(self) -> str:
        """The formula, as it is printed beside every score."""
        terms = [f"{getattr(self, one.name):+g} {one.name}" for one in fields(self) if getattr(self, one.name)]
        return " ".join(terms).removeprefix("+") or "0"


def score(marks: Marks, weights: Weights) -> float:
    """The weighted sum.

    >>> round(score(Marks(feasibility=9, effect=6, risk=3), Weights()), 6)
    7.2
    """
    return (
        weights.feasibility * marks.feasibility
        + weights.effect * marks.effect
        + weights.risk * marks.risk
        + weights.depth * (marks.depth or 0.0)
    )


def study_scores(weights: Weights) -> tuple[tuple[str, float, float], ...]:
    """Each approach of the study: its name, the score it claims, and what the weights make of its own marks."""
    return tuple((one.name, one.score, score(one.marks, weights)) for one in study().approach)


def own_scale() -> str:
    """Which of the study's scores the weights reproduce, and which they do not, as a sentence."""
    odd = [(name, claimed, made) for name, claimed, made in study_scores(Weights()) if abs(claimed - made) > 1e-9]
    said = " and ".join(
        f"{figure(made)} for {name}, where the study has {figure(claimed, 2)}" for name, claimed, made in odd
    )
    return (
        f"{Weights()} gives exactly the scores of the four approaches without a mark for depth, but {said}:"
        " the study's own scale is not consistent."
    )


RULES: Mapping[str, str] = {
    "feasibility": "10, less log2(1 + lines / 100), 1/2 a dependency and 2 a service",
    "effect": "10 log(speed-up) / log(best speed-up of the run), over its workloads",
    "risk": "10 times the mean of: share of workloads not proved, not timed or not steady; half-width of the "
    "speed-up's interval, 25% counting as 1; log10 of p99 over p50 of a call, a factor of 10 counting as 1",
    "depth": "10 times the share of its lines that are in compiled kernels",
}
"""How the marks come from facts and measurements."""


def marks_of(cells: Sequence[Cell], facts: Facts | None, best_speed_up: float) -> Marks | None:
    """Marks of an implementation from its cells; None without a verified and timed one or without its source.

    Parameters
    ----------
    best_speed_up
        The largest geometric mean of speed-ups that any implementation of the run has.
    """
    ratio = mean_speed_up(cells)
    if facts is None or ratio is None:
        return None
    services, dependencies, lines = facts.simplicity
    feasibility = _HIGHEST - math.log2(1 + lines / 100) - dependencies / 2 - 2 * services
    effect = _HIGHEST * math.log(ratio) / math.log(best_speed_up) if best_speed_up > 1 else 0.0
    depth = _HIGHEST * facts.kernel_lines / facts.lines if facts.lines else 0.0
    return Marks(_within(feasibility), _within(effect), _within(_HIGHEST * _risk(cells)), _within(depth))


def mean_speed_up(cells: Sequence[Cell]) -> float | None:
    """The geometric mean over workloads of the speed-up; a baseline, which has none, counts as 1."""
    timed = [cell for cell in cells if cell.verified and cell.throughput]
    if not timed:
        return None
    logs = [math.log(cell.speed_up.ratio.median) if cell.speed_up else 0.0 for cell in timed]
    return math.exp(sum(logs) / len(logs))


def _risk(cells: Sequence[Cell]) -> float:
    timed = [cell for cell in cells if cell.verified and cell.throughput]
    doubtful = 1 - sum(cell.throughput.steady is not False for cell in timed if cell.throughput) / len(cells)
    widths = [
        min(1.0, math.log(cell.speed_up.ratio.high / cell.speed_up.ratio.low) / 2 / math.log(1.25))
        for cell in timed
        if cell.speed_up
    ]
    tails = [
        min(1.0, math.log10((cell.service.p99_s or cell.service.max_s) / cell.service.p50_s))
        for cell in timed
        if cell.service and cell.service.p50_s > 0
    ]
    parts = [doubtful, *(sum(values) / len(values) for values in (widths, tails) if values)]
    return sum(parts) / len(parts)


def _within(mark: float) -> float:
    return min(_HIGHEST, max(0.0, mark))
