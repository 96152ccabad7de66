"""From a stored run and a requirement to a decision: what meets it, by how much, how surely, and the simplest of it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.results import Cell, Latency
from harness.units import figure
from reports.facts import Facts, facts_of
from reports.load import Run
from reports.ranking import why_unverified
from reports.scoring import Weights, marks_of, mean_speed_up, score
from reports.study import Marks, study
from reports.text import BYTES, COUNTS, SECONDS, count, quantity, span, times


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is asked for; None asks for nothing.

    Parameters
    ----------
    per_s, p99_s, memory_bytes
        Readings a second at least; latency and memory of the whole process at most.
    gpu : bool
        Whether a GPU may be needed.
    most_dependencies : int or None
    """

    per_s: float | None = None
    p99_s: float | None = None
    memory_bytes: float | None = None
    gpu: bool = True
    most_dependencies: int | None = None

    def __str__(self) -> str:
        """The requirement in words."""
        parts = []
        if self.per_s is not None:
            parts.append(f"{quantity(COUNTS, self.per_s)}/s")
        if self.p99_s is not None:
            parts.append(f"p99 within {quantity(SECONDS, self.p99_s)}")
        if self.memory_bytes is not None:
            decimal = self.memory_bytes % 1e8 == 0  # as it was written
            shown = f"{self.memory_bytes / 1e9:g} GB" if decimal else quantity(BYTES, self.memory_bytes)
            parts.append(f"{shown} of memory")
        if not self.gpu:
            parts.append("no GPU")
        if self.most_dependencies is not None:
            few = count(self.most_dependencies, "package") if self.most_dependencies else "no package"
            parts.append(f"{'at most ' if self.most_dependencies else ''}{few} beyond NumPy")
        return ", ".join(parts) or "nothing but right answers"


def of_the_study() -> Requirement:
    """What the study wants: a million readings a second, 100 ms, half of its 32 GB."""
    problem = study().problem
    return Requirement(problem.wanted_per_s, problem.wanted_latency_s, study().goals.memory_limit_bytes)


@dataclass(frozen=True, slots=True)
class Margin:
    """One figure against what is asked for.

    Parameters
    ----------
    what : "rate", "p99" or "memory"
    factor : float or None
        How many times better than asked for, below 1 if worse; None where it was not measured.
    certain : bool
        Whether the whole interval meets it, or is short of it.
    shown, basis
        The figure as text; on what it rests.
    workload : str
    between : tuple of float or None
        The ends of the factor's interval: of 95% for a rate, over the repetitions for a latency; None for one figure.
    """

    what: str
    factor: float | None
    certain: bool
    shown: str
    basis: str
    workload: str
    between: tuple[float, float] | None = None

    @property
    def met(self) -> bool:
        """Whether it is as good as asked for; what was not measured is not."""
        return self.factor is not None and self.factor >= 1


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
        """Whether its whole intervals do."""
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
    """The outcome: candidates that meet it, simplest first; those that do not, nearest first."""

    run: str
    requirement: Requirement
    workloads: tuple[str, ...]
    weights: Weights
    meeting: tuple[Candidate, ...]
    failing: tuple[Candidate, ...]

    @property
    def recommended(self) -> Candidate | None:
        """The simplest that meets it; among equally simple ones, those that surely do come first."""
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
    margins = []
    for what in (_rate, _p99, _memory):
        of_all = [margin for cell in proved if (margin := what(cell, wanted)) is not None]
        if of_all:
            margins.append(min(of_all, key=lambda margin: -1.0 if margin.factor is None else margin.factor))
    marks = marks_of(cells, facts, best)
    return Candidate(
        name,
        facts,
        tuple(margins),
        tuple(refusals),
        marks,
        score(marks, weights) if marks else None,
        verified=bool(proved) and len(proved) == len(cells),
        notes=tuple(notes),
    )


def _rate(cell: Cell, wanted: Requirement) -> Margin | None:
    if wanted.per_s is None:
        return None
    capacity = cell.capacity
    if (
        capacity is not None
        and capacity.per_s is not None
        and (wanted.p99_s is None or (capacity.slo_s <= wanted.p99_s and capacity.slo_percentile >= 99))
    ):
        basis = f"capacity with p{capacity.slo_percentile:g} within {quantity(SECONDS, capacity.slo_s)}"
        return Margin("rate", capacity.per_s / wanted.per_s, True, _per_s(capacity.per_s), basis, cell.workload)
    if cell.throughput is None:
        return Margin("rate", None, False, "not measured", "", cell.workload)
    speed = cell.throughput.per_s
    certain = speed.low >= wanted.per_s or speed.high < wanted.per_s
    basis = "throughput, calls back to back: what it can do at most"
    ends = speed.low / wanted.per_s, speed.high / wanted.per_s
    return Margin("rate", speed.median / wanted.per_s, certain, _per_s(speed.median), basis, cell.workload, ends)


def _p99(cell: Cell, wanted: Requirement) -> Margin | None:
    if wanted.p99_s is None:
        return None
    load = wanted.per_s
    latency = cell.latency
    if latency and latency.valid and latency.p99_s is not None and (load is None or latency.offered_per_s >= load):
        basis = f"latency at {_per_s(latency.offered_per_s)}"
        if not latency.kept_up:
            return Margin("p99", None, True, "fell behind", basis, cell.workload)
        ends = _ends(wanted.p99_s, latency)
        certain = ends is None or ends[0] >= 1 or ends[1] < 1
        factor, shown = wanted.p99_s / latency.p99_s, quantity(SECONDS, latency.p99_s)
        return Margin("p99", factor, certain, shown, basis, cell.workload, ends)
    service = cell.service
    if service is None:
        return Margin("p99", None, False, "not measured", "", cell.workload)
    if service.p99_s is None:
        tail_s, tail = service.max_s, f"the longest of {service.calls:,} calls"
    else:
        tail_s, tail = service.p99_s, "p99 of a call"
    waiting_s = service.batch / load if load else 0.0
    if load and cell.throughput and cell.throughput.per_s.median < load:
        return Margin("p99", None, True, "falls behind", f"throughput is below {_per_s(load)}", cell.workload)
    estimate_s = waiting_s + tail_s
    basis = f"estimate: a batch of {service.batch:,} fills, then {tail}; no queueing, no stalls"
    return Margin("p99", wanted.p99_s / estimate_s, False, quantity(SECONDS, estimate_s), basis, cell.workload)


def _ends(wanted_s: float, latency: Latency) -> tuple[float, float] | None:
    """The worst and the best factor over the repetitions that count."""
    taken: Iterable[Mapping[str, Any]] = latency.details.get("repetitions", ())
    known = [one["p99_s"] for one in taken if one.get("p99_s") and not one.get("invalid")]
    return (wanted_s / max(known), wanted_s / min(known)) if len(known) > 1 else None


def _memory(cell: Cell, wanted: Requirement) -> Margin | None:
    if wanted.memory_bytes is None:
        return None
    memory = cell.memory
    if memory is None or memory.peak_bytes is None or memory.runtime_bytes is None:
        return Margin("memory", None, False, "not measured", "", cell.workload)
    total = memory.runtime_bytes + memory.peak_bytes
    basis = f"runtime and peak, {cell.counts.get('retain', 0):,} readings retained"
    return Margin("memory", wanted.memory_bytes / total, True, quantity(BYTES, total), basis, cell.workload)


def _per_s(value: float) -> str:
    return f"{quantity(COUNTS, value)}/s"


def why_simplest(one: Candidate) -> str:
    """Why it is the simplest, from its facts."""
    facts = one.facts
    if facts is None:
        return "its source cannot be read"
    needs = ", ".join(facts.dependencies) or "no package beyond NumPy"
    services = f", beside {', '.join(facts.services)}" if facts.services else ", no service"
    return f"{facts.lines:,} lines with all parts it uses, {needs}{services}"


def margin_words(margin: Margin) -> str:
    """A margin as a phrase.

    >>> margin_words(Margin("rate", 2.5, True, "2.50 M/s", "", "steady"))
    'rate 2.50 M/s, 2.50× what is asked for'
    >>> margin_words(Margin("p99", 0.5, True, "200 ms", "", "steady"))
    'p99 200 ms, short by a factor of 2.00'
    >>> margin_words(Margin("rate", 2.5, True, "2.50 M/s", "", "steady", (2.4, 2.6)))
    'rate 2.50 M/s, 2.50× what is asked for (2.40–2.60)'
    """
    if margin.factor is None:
        return f"{margin.what} {margin.shown}"
    ends = margin.between
    if margin.met:
        how = (
            times(margin.factor) + " what is asked for" if margin.what == "rate" else f"{times(margin.factor)} to spare"
        )
    else:
        how = f"short by a factor of {figure(1 / margin.factor)}"
        ends = (1 / ends[1], 1 / ends[0]) if ends else None
    return f"{margin.what} {margin.shown}, {how}" + (f" ({span(*ends)})" if ends else "")
