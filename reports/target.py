"""Whether an implementation meets the study's target under load, and with what margin."""

from dataclasses import dataclass

from harness.results import Cell
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
        The study's latency in multiples of its p99 at that load; None also where it did not keep up.
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


def judge(cell: Cell) -> Verdict | None:
    """Hold a verified cell against the target; None where nothing was measured under load."""
    problem = study().problem
    capacity, latency = cell.capacity, cell.latency
    fits = capacity is not None and capacity.slo_percentile >= 99 and capacity.slo_s <= problem.wanted_latency_s
    by_load = capacity.per_s / problem.wanted_per_s if capacity and fits and capacity.per_s is not None else None
    by_latency: float | None = None
    met: bool | None = None
    why = ""
    if latency and latency.valid and latency.p99_s and latency.offered_per_s >= problem.wanted_per_s:
        offered = f"{quantity(COUNTS, latency.offered_per_s)}/s"
        by_latency = problem.wanted_latency_s / latency.p99_s if latency.kept_up else None
        met = by_latency is not None and by_latency >= 1
        why = f"p99 at {offered}" if latency.kept_up else f"did not keep up with {offered}"
    if capacity and fits and not capacity.details.get("limited_by_generator"):
        met = by_load is not None and by_load >= 1
        why = "capacity" if by_load is not None else "sustains none of the loads that were tried"
    elif by_load is not None and by_load >= 1:
        met, why = True, "capacity, at least"
    return None if capacity is None and latency is None else Verdict(cell, met, by_load, by_latency, why)
