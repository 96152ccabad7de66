"""What is asked for, and each figure of a cell against it: by what factor it is met or missed, and how surely."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.answers import CERTAIN_REPETITIONS, answers, same_load
from harness.results import Capacity, Cell, Latency
from harness.units import figure
from reports.study import study
from reports.text import BYTES, COUNTS, SECONDS, count, percent, quantity, span, times

MEMORY_SPARE = 0.1
"""Memory is of one process, without an interval: it is certain only with this share to spare, or beyond."""


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
        Whether the whole interval meets it, or is short of it, on every workload; see :func:`margins_of`.
    shown, basis
        The figure as text; on what it rests.
    workload : str
    between : tuple of float or None
        The ends of the factor's interval: of 95% for a throughput, of the load that was held and the one that was not
        for a capacity, over the repetitions for a latency; None for one figure.
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


def margins_of(cells: Sequence[Cell], wanted: Requirement) -> tuple[Margin, ...]:
    """Of each figure asked for the margin on the worst of `cells`, which are proved right.

    It is certainly met only if it is on each of them, and certainly not met if it is so on one. Certain is

    - a throughput whose whole interval is on one side of what is asked for, where no capacity says otherwise;
    - a capacity of which the load that was held is as high as asked for: that a higher one failed does not show that
      none holds;
    - a latency at that load, to 5%, whose repetitions, six or more, are all on one side of the limit: at another load,
      where readings may wait for a batch to fill, and where it is estimated, it never is;
    - memory that is a tenth or more away from the limit: it is of one process, of which no interval is known.
    """
    found = (
        [margin for cell in cells if (margin := judge(cell, wanted)) is not None] for judge in (_rate, _p99, _memory)
    )
    return tuple(_worst(margins) for margins in found if margins)


def _worst(margins: Sequence[Margin]) -> Margin:
    worst = min(margins, key=lambda margin: -1.0 if margin.factor is None else margin.factor)
    if not worst.met:
        return replace(worst, certain=any(margin.certain and not margin.met for margin in margins))
    unsure = [margin.workload for margin in margins if not margin.certain]
    if worst.certain and unsure:
        basis = f"{worst.basis}; not certain on {', '.join(dict.fromkeys(unsure))}"
        return replace(worst, certain=False, basis=basis)
    return worst


def _rate(cell: Cell, wanted: Requirement) -> Margin | None:
    if wanted.per_s is None:
        return None
    if cell.capacity is not None and (found := _by_capacity(cell.capacity, wanted.per_s, wanted.p99_s, cell.workload)):
        return found
    if cell.throughput is None:
        return Margin("rate", None, False, "not measured", "", cell.workload)
    speed = cell.throughput.per_s
    certain = cell.capacity is None and (speed.low >= wanted.per_s or speed.high < wanted.per_s)
    basis = "throughput, calls back to back: what it can do at most"
    if cell.capacity is not None:
        basis += f"; {_objective(cell.capacity)} it sustains {_sustained(cell.capacity)}"
    ends = speed.low / wanted.per_s, speed.high / wanted.per_s
    return Margin("rate", speed.median / wanted.per_s, certain, _per_s(speed.median), basis, cell.workload, ends)


def _by_capacity(capacity: Capacity, per_s: float, p99_s: float | None, workload: str) -> Margin | None:
    """The margin of a capacity; None where it is no answer.

    Found within the limit asked for it is the figure itself. Within a stricter one, or where the generator ended the
    search, it is a lower bound: an answer only if that is enough. Within a looser one it is none.
    """
    same = p99_s is not None and capacity.slo_percentile == 99 and math.isclose(capacity.slo_s, p99_s)
    bound = same or p99_s is None or (capacity.slo_percentile >= 99 and capacity.slo_s <= p99_s)
    exact = same and not capacity.details.get("limited_by_generator")
    failed_per_s = capacity.details.get("failed_per_s")
    basis = f"capacity {_objective(capacity)}"
    if capacity.per_s is None:
        if exact and failed_per_s is not None and failed_per_s < per_s:
            return Margin("rate", failed_per_s / per_s, False, f"below {_per_s(failed_per_s)}", basis, workload)
        return None
    enough = capacity.per_s >= per_s
    if not exact and not (bound and enough):
        return None
    ends = (capacity.per_s / per_s, failed_per_s / per_s) if exact and failed_per_s is not None else None
    return Margin("rate", capacity.per_s / per_s, enough, _per_s(capacity.per_s), basis, workload, ends)


def _objective(capacity: Capacity) -> str:
    return f"with p{capacity.slo_percentile:g} within {quantity(SECONDS, capacity.slo_s)}"


def _sustained(capacity: Capacity) -> str:
    return "none of the loads tried" if capacity.per_s is None else _per_s(capacity.per_s)


def _p99(cell: Cell, wanted: Requirement) -> Margin | None:
    if wanted.p99_s is None:
        return None
    load = wanted.per_s
    if cell.latency and answers(cell.latency, load or 0.0, wanted.p99_s):
        return _by_latency(cell.latency, load or 0.0, wanted.p99_s, cell.workload)
    service = cell.service
    if service is None:
        return Margin("p99", None, False, "not measured", "", cell.workload)
    if service.p99_s is None:
        tail_s, tail = service.max_s, f"the longest of {service.calls:,} calls"
    else:
        tail_s, tail = service.p99_s, "p99 of a call"
    waiting_s = service.batch / load if load else 0.0
    if load and cell.throughput and cell.throughput.per_s.median < load:
        certain = cell.throughput.per_s.high < load
        return Margin("p99", None, certain, "falls behind", f"throughput is below {_per_s(load)}", cell.workload)
    estimate_s = waiting_s + tail_s
    basis = f"estimate: a batch of {service.batch:,} fills, then {tail}; no queueing, no stalls"
    return Margin("p99", wanted.p99_s / estimate_s, False, quantity(SECONDS, estimate_s), basis, cell.workload)


def _by_latency(latency: Latency, load: float, limit_s: float, workload: str) -> Margin:
    """The margin of a latency that is an answer."""
    taken = _repetitions(latency)
    number = max(1, len(taken))
    enough = number >= CERTAIN_REPETITIONS
    basis = f"latency at {_per_s(latency.offered_per_s)}, {count(number, 'repetition')}"
    if not enough:
        basis += f", {CERTAIN_REPETITIONS} are needed to be certain"
    behind = sum(not one.get("kept_up", latency.kept_up) for one in taken)
    if not latency.kept_up or latency.p99_s is None:
        return Margin("p99", None, enough and behind == number, "fell behind", basis, workload)
    if behind:
        basis += f", fell behind in {behind}"
    same = same_load(latency, load)
    if not same:
        basis += "; a lighter load is quicker, except where readings wait for a batch to fill"
    factors = [limit_s / one["p99_s"] for one in taken]
    one_side = all(factor >= 1 for factor in factors) or all(factor < 1 for factor in factors)
    ends = (min(factors), max(factors)) if number > 1 else None
    shown = quantity(SECONDS, latency.p99_s)
    certain = enough and same and one_side and not behind
    return Margin("p99", limit_s / latency.p99_s, certain, shown, basis, workload, ends)


def _repetitions(latency: Latency) -> list[Mapping[str, Any]]:
    """Those of its repetitions that count."""
    return [one for one in latency.details.get("repetitions", ()) if one.get("p99_s") and not one.get("invalid")]


def _memory(cell: Cell, wanted: Requirement) -> Margin | None:
    if wanted.memory_bytes is None:
        return None
    memory = cell.memory
    if memory is None or memory.peak_bytes is None or memory.runtime_bytes is None:
        return Margin("memory", None, False, "not measured", "", cell.workload)
    total = memory.runtime_bytes + memory.peak_bytes
    basis = f"runtime and peak of one process, {cell.counts.get('retain', 0):,} readings retained"
    certain = not wanted.memory_bytes * (1 - MEMORY_SPARE) < total < wanted.memory_bytes * (1 + MEMORY_SPARE)
    if not certain:
        basis += f"; within {percent(MEMORY_SPARE)} of the limit it is not certain"
    return Margin("memory", wanted.memory_bytes / total, certain, quantity(BYTES, total), basis, cell.workload)


def _per_s(value: float) -> str:
    return f"{quantity(COUNTS, value)}/s"


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
