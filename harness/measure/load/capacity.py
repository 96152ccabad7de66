"""Capacity: the highest offered load that an implementation sustains within an objective, found by bisection."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from harness.measure.load.latency import Load, Side, take_valid
from harness.measure.load.objective import Objective
from harness.measure.load.stretch import MOST_SLIP_S, Stretch
from harness.results import Capacity
from harness.statistics.bisection import Bracket, bisect
from harness.units import format_rate, format_seconds

WITHIN = 0.05
"""How near the load that was sustained is to one that was not."""

EXPECTED_STEPS = 7
"""Loads that are tried, mostly: one, its double, and four or five between."""

_FIRST_SHARE = 0.5
"""The first load tried, as a share of what the warm-up did with its calls back to back."""

_RAMP_SHARES = (0.01, 0.1, 0.3)
"""Loads below the capacity, as shares of it, at which latency is taken once, to see how it grows with the load."""

_LEAST_SHARE = 1 / 256
_LEAST_READINGS = 100
_MOST_PER_S = 1e9


@dataclass(frozen=True, slots=True)
class Step:
    """One load that was tried.

    Parameters
    ----------
    faults
        For each stretch why it does not count as sustained; None where it does.
    needed
        So many stretches must be sustained.
    """

    offered_per_s: float
    stretches: tuple[Stretch, ...]
    faults: tuple[str | None, ...]
    needed: int

    @property
    def sustained(self) -> bool:
        """Whether at least two thirds of the repetitions are, those included that were not needed any more."""
        return self.faults.count(None) >= self.needed

    @property
    def by_generator(self) -> bool:
        """Whether it failed for want of stretches in which the generator kept time."""
        return not self.sustained and not any(stretch.valid for stretch in self._failed)

    @property
    def unknown(self) -> bool:
        """Whether the generator was late for other reasons than the load, or the time too short to tell.

        Then another load would tell no more.
        """
        late = self.by_generator and all((stretch.slip_p999_s or 0.0) > MOST_SLIP_S for stretch in self._failed)
        judged = zip(self.stretches, self.faults, strict=True)
        too_short = all(fault is None or fault == stretch.unclear for stretch, fault in judged)
        return not self.sustained and (late or too_short)

    @property
    def _failed(self) -> list[Stretch]:
        return [stretch for stretch, fault in zip(self.stretches, self.faults, strict=True) if fault]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values: the load, how it was judged, and the figures of each stretch."""
        return {
            "offered_per_s": self.offered_per_s,
            "sustained": self.sustained,
            "faults": list(self.faults),
            "repetitions": [stretch.as_dict() for stretch in self.stretches],
        }


def fault_of(stretch: Stretch, objective: Objective) -> str | None:
    """Why a stretch does not count as sustained; None if it does. A missing figure is a fault."""
    if stretch.invalid:
        return stretch.invalid
    if stretch.overloaded:
        return f"more readings waited than {objective} allows"
    if stretch.missing:
        return f"{stretch.missing:,} readings did not come back"
    if stretch.standing is not None and not stretch.standing.holds(stretch.offered_per_s):
        return f"the backlog may grow by {format_rate(stretch.standing.slope_upper_per_s)}"
    found_s = stretch.percentile_s(objective.percentile)
    if found_s is None:
        return f"{stretch.readings:,} readings are too few for {objective}"
    if found_s > objective.most_s:
        return f"{format_seconds(found_s)} is above {objective}"
    return stretch.unclear


def try_load(side: Side, offered_per_s: float, objective: Objective, seconds: float, repetitions: int) -> Step:
    """Put `side` under a load until its repetitions have decided it, one way or the other."""
    needed = math.ceil(2 * repetitions / 3)
    stretches: list[Stretch] = []
    faults: list[str | None] = []
    while faults.count(None) < needed and len(faults) - faults.count(None) <= repetitions - needed:
        stretch = take_valid(side, Load(offered_per_s, seconds, objective=objective))
        stretches.append(stretch)
        faults.append(fault_of(stretch, objective))
    return Step(offered_per_s, tuple(stretches), tuple(faults), needed)


def find_capacity(
    side: Side,
    objective: Objective,
    *,
    seconds: float = 3.0,
    repetitions: int = 3,
    told: Callable[[str], None] = lambda _: None,
) -> Capacity:
    """Find the highest load that `side` sustains within `objective`, to 5%.

    A load is sustained when, in at least two thirds of `repetitions` of so many `seconds`, the backlog's slope has an
    upper 95% bound of at most 1% of the load, the objective holds, nothing is missing and the generator kept time.
    Every load that was tried is kept as evidence; where the generator does not keep time at all, the search ends with
    what is known by then. `told` hears of each load before it is tried.

    Raises
    ------
    WorkerFailure
        If it fails under load.
    """
    steps: list[Step] = []

    def sustains(offered_per_s: float) -> bool | None:
        told(f"{format_rate(offered_per_s)}, load {len(steps) + 1} of about {max(EXPECTED_STEPS, len(steps) + 1)}")
        steps.append(try_load(side, offered_per_s, objective, seconds, repetitions))
        return None if steps[-1].unknown else steps[-1].sustained

    first = min(_MOST_PER_S, max(_LEAST_READINGS / seconds, _FIRST_SHARE * side.warm_per_s))
    least = min(first, max(_LEAST_READINGS / seconds, _LEAST_SHARE * side.warm_per_s))
    bracket = bisect(sustains, first, least, _MOST_PER_S, WITHIN)
    ramp = []
    for share in _RAMP_SHARES if bracket.low is not None else ():
        offered_per_s = share * (bracket.low or 0.0)
        if offered_per_s * seconds >= _LEAST_READINGS:
            told(f"{format_rate(offered_per_s)}, below the capacity")
            ramp.append(try_load(side, offered_per_s, objective, seconds, 1))
    found = _capacity(bracket, steps, objective, side)
    more = {"seconds": seconds, "repetitions": repetitions, "ramp": [step.as_dict() for step in ramp]}
    return replace(found, details={**found.details, **more})


def _capacity(bracket: Bracket, steps: list[Step], objective: Objective, side: Side) -> Capacity:
    held = next((step for step in steps if step.offered_per_s == bracket.low), None)
    failed = next((step for step in steps if step.offered_per_s == bracket.high or step.unknown), None)
    stalls = side.stalls()
    return Capacity(
        bracket.low,
        objective.percentile,
        objective.most_s,
        {
            "failed_per_s": failed.offered_per_s if failed else None,
            "limit": next((fault for fault in failed.faults if fault), None) if failed else None,
            "limited_by_generator": failed is not None and failed.by_generator,
            "history_full": side.history_full,
            "stalls": stalls.as_dict() if stalls else None,
            "steps": [step.as_dict() for step in steps],
            "lines": {
                name: dict(step.stretches[-1].lines) for name, step in (("held", held), ("failed", failed)) if step
            },
        },
    )
