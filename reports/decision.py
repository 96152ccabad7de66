"""From a stored run and a requirement to a decision: what meets it, by how much, how surely, and the simplest of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.results import Cell
from reports.facts import Facts, facts_of
from reports.load import Run
from reports.margin import MEMORY_SPARE, Margin, Requirement, margins_of
from reports.ranking import why_unverified
from reports.scoring import Weights, marks_of, mean_speed_up, score
from reports.study import Marks
from reports.text import count, percent

_NOT_KNOWN = 10.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One implementation held against the requirement.

    Parameters
    ----------
    margins : tuple of Margin
        Of each figure asked for, the worst over the workloads.
    refusals : tuple of str
        What rules it out whatever its figures: not proved right, a GPU, dependencies.
    """

    implementation: str
    facts: Facts | None
    margins: tuple[Margin, ...]
    refusals: tuple[str, ...]
    marks: Marks | None
    score: float | None
    verified: bool
    notes: tuple[str, ...] = ()

    @property
    def meets(self) -> bool:
        """Whether it does all that is asked for."""
        return self.verified and not self.refusals and all(margin.met for margin in self.margins)

    @property
    def certain(self) -> bool:
        """Whether its whole intervals do, and memory with a tenth to spare."""
        return all(margin.certain for margin in self.margins)

    @property
    def shortfall(self) -> float:
        """By what factor the worst of its figures falls short; infinite for one not measured, 1 if none does."""
        return max([1.0, *(1 / m.factor if m.factor else math.inf for m in self.margins if not m.met)])

    @property
    def distance(self) -> float:
        """How far it is from the requirement: by what factor it falls short, all figures multiplied; 1 if none does.

        A latency without a bound adds nothing to a rate that is short already; what is not known otherwise counts as
        short by a factor of ten.
        """
        short = {margin.what: margin.factor for margin in self.margins if not margin.met}
        if short.get("rate") is not None and short.get("p99", 0.0) is None:
            del short["p99"]
        return math.prod(1 / factor if factor else _NOT_KNOWN for factor in short.values())


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome: candidates that meet it, what surely does and then the simplest first; the others, nearest first."""

    run: str
    requirement: Requirement
    workloads: tuple[str, ...]
    weights: Weights
    meeting: tuple[Candidate, ...]
    failing: tuple[Candidate, ...]

    @property
    def recommended(self) -> Candidate | None:
        """The simplest of those that surely meet it; where none surely does, the simplest that meets it."""
        return self.meeting[0] if self.meeting else None

    @property
    def nearest(self) -> Candidate | None:
        """Where none does: of the verified ones that nothing else rules out, if any, the one of least distance."""
        found = [one for one in self.failing if one.verified]
        return found[0] if found and not self.meeting else None


def decide(
    run: Run, requirement: Requirement, weights: Weights | None = None, workloads: Sequence[str] = ()
) -> Decision:
    """Hold every implementation of `run` against `requirement`, on the worst of `workloads` (by default all it has)."""
    weights = weights or Weights()
    names = tuple(dict.fromkeys(cell.workload for cell in run.cells if not workloads or cell.workload in workloads))
    groups: dict[str, list[Cell]] = {}
    for cell in run.cells:
        if cell.workload in names:
            groups.setdefault(cell.implementation, []).append(cell)
    references = _references(run)
    speed_ups = [ratio for cells in groups.values() if (ratio := mean_speed_up(cells)) is not None]
    best = max(speed_ups, default=1.0)
    candidates = [
        _candidate(name, cells, _facts(references, name), requirement, weights, best) for name, cells in groups.items()
    ]
    meeting = sorted((one for one in candidates if one.meets), key=_simplest_first)
    failing = sorted((one for one in candidates if not one.meets), key=_nearest_first)
    return Decision(run.id, requirement, names, weights, tuple(meeting), tuple(failing))


def _simplest_first(one: Candidate) -> tuple[Any, ...]:
    simplicity = one.facts.simplicity if one.facts else (99, 99, 1 << 30)
    return not one.certain, *simplicity, one.implementation


def _nearest_first(one: Candidate) -> tuple[Any, ...]:
    return not one.verified, len(one.refusals), one.distance, one.implementation


def _references(run: Run) -> Mapping[str, str]:
    plan = run.manifest.get("plan")
    subjects = plan.get("subjects", ()) if isinstance(plan, Mapping) else ()
    return {one["name"]: one["reference"] for one in subjects if isinstance(one, Mapping) and "reference" in one}


def _facts(references: Mapping[str, str], implementation: str) -> Facts | None:
    name, _, parameters = implementation.partition("[")
    on = {one.partition("=")[0] for one in parameters.rstrip("]").split(",") if one.endswith("=true")}
    return facts_of(references.get(name, f"module:implementations.processors.{name}"), on)


def _candidate(
    name: str, cells: list[Cell], facts: Facts | None, wanted: Requirement, weights: Weights, best: float
) -> Candidate:
    refusals = [f"{cell.workload}: {why}" for cell in cells if (why := why_unverified(cell))]
    if facts is not None and facts.gpu and not wanted.gpu:
        refusals.append("needs a GPU")
    if wanted.most_dependencies is not None:
        if facts is None:
            refusals.append("its source cannot be read, so that its dependencies are not known")
        elif len(facts.dependencies) > wanted.most_dependencies:
            refusals.append(f"has {count(len(facts.dependencies), 'package')}: {', '.join(facts.dependencies)}")
    proved = [cell for cell in cells if cell.verified]
    notes = [
        f"{cell.workload}: measured at {cell.size}, not at {cell.requested_size}"
        for cell in proved
        if cell.size != cell.requested_size
    ]
    refusals += [f"{note}, which it could not do in its time" for note in notes]
    marks = marks_of(cells, facts, best)
    return Candidate(
        name,
        facts,
        margins_of(proved, wanted),
        tuple(refusals),
        marks,
        score(marks, weights) if marks else None,
        verified=bool(proved) and len(proved) == len(cells),
        notes=tuple(notes),
    )


def why_simplest(one: Candidate) -> str:
    """Why it is the simplest, from its facts."""
    facts = one.facts
    if facts is None:
        return "its source cannot be read"
    needs = ", ".join(facts.dependencies) or "no package beyond NumPy"
    services = f", beside {', '.join(facts.services)}" if facts.services else ", no service"
    return f"{facts.lines:,} lines with all parts it uses, {needs}{services}"


def why_recommended(decision: Decision, one: Candidate) -> str:
    """Of how many it is the simplest: of those that surely meet it, or else of all that do."""
    if one.certain:
        return f"the simplest of {sum(other.certain for other in decision.meeting)} that surely meet it"
    return f"the simplest of {len(decision.meeting)} that meet it"


def how_sure(one: Candidate) -> str:
    """What is certain about a candidate that meets the requirement."""
    if not one.certain:
        return "not everything is certain, see the basis of each figure"
    of_memory = any(margin.what == "memory" for margin in one.margins)
    return "each whole interval meets it" + (f", memory with {percent(MEMORY_SPARE)} to spare" if of_memory else "")
