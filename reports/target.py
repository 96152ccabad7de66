"""Whether an implementation meets the study's target under load, and with what margin."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.answers import same_load
from harness.results import Cell, Latency, from_builtins
from reports.load import Run
from reports.study import study
from reports.text import COUNTS, SECONDS, quantity


@dataclass(frozen=True, slots=True)
class Verdict:
    """One implementation held against the study's load and latency.

    Parameters
    ----------
    met : bool or None
        None where neither a capacity nor a latency at that load says so.
    load_margin : float or None
        Its capacity, within the study's latency, in multiples of the study's load.
    latency_margin : float or None
        The study's latency in multiples of its p99 at that load, or a higher one; None also where it did not keep up.
    why
        What it rests on, or why it is not met.
    """

    cell: Cell
    met: bool | None
    load_margin: float | None
    latency_margin: float | None
    why: str


def wanted() -> str:
    """The target in words."""
    problem = study().problem
    return f"{problem.wanted_per_s:,.0f} readings/s at p99 within {quantity(SECONDS, problem.wanted_latency_s)}"


def loads_of(run: Run, cell: Cell) -> tuple[Latency, ...]:
    """Every load that `cell` was put under as its workload's readings arrive, handed over at once; newest of each."""
    found = {}
    for record in run.records.get("load", ()):
        own = ("implementation", "workload", "size", "threads", "workload_digest")
        plain = record["interval_s"] is None and record["arrivals"] == "workload" and not record.get("channel")
        if plain and record["latency"] and all(record[name] == getattr(cell, name) for name in own):
            found[record["offered_per_s"]] = from_builtins(record["latency"], Latency)
    if cell.latency:
        found.setdefault(cell.latency.offered_per_s, cell.latency)
    return tuple(found.values())


def judge(cell: Cell, loads: Iterable[Latency] = ()) -> Verdict | None:
    """Hold a verified cell against the target; None where nothing was measured under load.

    Parameters
    ----------
    loads
        What it was put under beside the load that stands in the cell.
    """
    latencies = [*loads, *([cell.latency] if cell.latency else [])]
    capacity, problem = cell.capacity, study().problem
    if capacity is None and not latencies:
        return None
    met, by_latency, why = _by_latency(latencies)
    by_load = None
    if capacity and capacity.slo_percentile >= 99 and capacity.slo_s <= problem.wanted_latency_s:
        by_load = None if capacity.per_s is None else capacity.per_s / problem.wanted_per_s
        is_own = capacity.slo_percentile == 99 and capacity.slo_s == problem.wanted_latency_s
        if by_load is not None and by_load >= 1:
            met, why = True, "capacity, at least" if capacity.details.get("limited_by_generator") else "capacity"
        elif is_own and not capacity.details.get("limited_by_generator"):
            met, why = False, "capacity" if by_load is not None else "sustains none of the loads that were tried"
    return Verdict(cell, met, by_load, by_latency, why)


def _by_latency(latencies: Iterable[Latency]) -> tuple[bool | None, float | None, str]:
    """What loads say: of the study's own yes or no, of a higher one yes at most.

    Too much at a higher load tells nothing of the study's.
    """
    problem = study().problem
    valid = [one for one in latencies if one.valid and (one.p99_s or not one.kept_up)]
    own = [one for one in valid if same_load(one, problem.wanted_per_s)]
    higher = [one for one in valid if one.offered_per_s > problem.wanted_per_s and _margin(one) >= 1]
    if not own and not higher:
        rate = f"{problem.wanted_per_s:.0e}".replace("e+0", "e")
        return None, None, f"not measured at {_per_s(problem.wanted_per_s)}; run latency --rate {rate}"
    one = min(own or higher, key=lambda one: abs(one.offered_per_s - problem.wanted_per_s))
    offered = _per_s(one.offered_per_s)
    if not one.kept_up:
        return False, None, f"did not keep up with {offered}"
    return _margin(one) >= 1, _margin(one), f"p99 at {offered}"


def _margin(latency: Latency) -> float:
    """The study's latency in multiples of the p99; 0 where it did not keep up."""
    return study().problem.wanted_latency_s / latency.p99_s if latency.kept_up and latency.p99_s else 0.0


def _per_s(value: float) -> str:
    return f"{quantity(COUNTS, value)}/s"
