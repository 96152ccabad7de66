"""From measured points to curves: exponents, growth, crossovers, predictions; all of it plain data for the store."""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np

from harness.optimize.scale_plan import Target
from harness.optimize.scale_points import Point
from harness.statistics.caches import leaving, place_of
from harness.statistics.crossover import crossovers
from harness.statistics.growth import LEAST_SIZES, GrowthFit
from harness.statistics.intervals import Interval
from harness.statistics.overtaking import overtaking
from harness.statistics.power_law import power_law
from harness.statistics.rising import rise

_DRAWN = 61


def curve_record(
    points: Sequence[Point], caches: Mapping[str, float], targets: Sequence[Target]
) -> tuple[dict[str, Any], GrowthFit | None]:
    """One implementation along one axis as JSON values, with its fit if there were points enough."""
    measured = [point for point in points if point.usable and point.costs_s]
    places = leaving([point.working_set_bytes for point in measured], caches)
    record: dict[str, Any] = {
        "implementation": points[0].entry.label,
        "approach": next((point.approach for point in points if point.approach), None),
        "points": [_point(point, caches, left) for point, left in zip(measured, places, strict=True)],
        "left_out": [
            {"size": point.value, "reason": point.left_out or "no process of it was timed"}
            for point in points
            if point not in measured
        ],
        "fit": None,
        "predictions": [],
    }
    if len(measured) < LEAST_SIZES:
        return record, None
    sizes = [point.value for point in measured]
    costs = [float(np.median(point.costs_s)) for point in measured]
    rising = rise(sizes, costs)
    fit = rising.fit
    drawn = np.geomspace(fit.smallest, fit.largest, _DRAWN)
    record["fit"] = {
        "exponent": _interval(rising.exponent),
        "apart": rising.is_apart,
        "overhead_s": rising.overhead,
        "plain_exponent": _interval(power_law(sizes, costs)),
        "growth": fit.best.looks_like,
        "fixed_s": fit.best.overhead,
        "scale_s": fit.best.scale,
        "weights": {str(growth): round(weight, 4) for growth, weight in fit.weights().items()},
        "drawn": {"sizes": drawn.tolist(), "costs_s": fit.best.cost(drawn).tolist()},
    }
    record["predictions"] = [_prediction(fit, target) for target in targets]
    return record, fit


def crossover_records(fits: Mapping[str, GrowthFit]) -> list[dict[str, Any]]:
    """Where any two implementations change places, ascending."""
    found = []
    for first, second in combinations(fits, 2):
        for crossing in crossovers(fits[first], fits[second]):
            winner, loser = (second, first) if crossing.second_wins_above else (first, second)
            found.append(
                {
                    "winner": winner,
                    "loser": loser,
                    "size": crossing.size,
                    "low": crossing.low,
                    "high": crossing.high,
                    "extrapolated": crossing.extrapolated,
                }
            )
    return sorted(found, key=lambda crossing: float(crossing["size"]))


def throughout_records(curves: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who is ahead of whom at every size that both were measured with, so that there is nothing to overtake."""
    found = []
    for winner, loser in permutations(curves, 2):
        ours, theirs = ({point["size"]: point["costs_s"] for point in curve["points"]} for curve in (winner, loser))
        rates = [{size: [1 / cost for cost in costs] for size, costs in side.items()} for side in (theirs, ours)]
        ahead = overtaking(*rates)
        if ahead.ahead_from is None or ahead.not_ahead_at is not None:
            continue
        ends = ahead.ahead_from, max(ours.keys() & theirs.keys())
        found.append(
            {
                "winner": winner["implementation"],
                "loser": loser["implementation"],
                "smallest": ends[0],
                "largest": ends[1],
                "times": [float(np.median(theirs[size]) / np.median(ours[size])) for size in ends],
            }
        )
    return found


def _point(point: Point, caches: Mapping[str, float], leaves: bool) -> dict[str, Any]:
    return {
        "size": point.value,
        "costs_s": point.costs_s,
        "closing_share": float(np.median(point.closing_shares)),
        "working_set_bytes": point.working_set_bytes,
        "place": place_of(point.working_set_bytes, caches),
        "leaves_cache": leaves,
        "checks": point.checks,
        "digest": point.stream.digest,
        "readings": len(point.stream),
    }


def _interval(interval: Interval) -> dict[str, float]:
    return {"median": interval.estimate, "low": interval.low, "high": interval.high}


def _prediction(fit: GrowthFit, target: Target) -> dict[str, Any]:
    found = fit.predict(target.value)
    return {
        "at": target.value,
        "cost_s": found.cost,
        "low_s": found.low,
        "high_s": found.high if np.isfinite(found.high) else None,
        "extrapolated": found.extrapolated,
        "far": fit.is_far(target.value),
        "largest_measured": fit.largest,
        "smallest_measured": fit.smallest,
    }
