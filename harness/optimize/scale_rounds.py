"""Rounds of a scaling measurement: every point once, in turns with a live process of the same at another size.

What the machine does meanwhile (a neighbour, another clock rate) meets both of a pair alike, so that how cost grows
does not depend on it; how much each round was slower than the others is told by all that went along, and taken out.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import MeasurementError
from harness.measure.processes.affinity import Elsewhere
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.live import GuardedSide, LiveSide
from harness.measure.speed.pairing import Sample, take_pair
from harness.measure.speed.throughput import cpus_for
from harness.optimize.scale_plan import Axis
from harness.optimize.scale_points import Pace, Point
from harness.run.inputs import Inputs
from harness.statistics.rounds import round_effects
from harness.verify import check_samples

Curve = tuple[Axis, str]


class _AlongFailed(Exception):  # noqa: N818  (carries the failure of one of two sides)
    """The process that goes along could not go on."""

    @classmethod
    def of(cls, point: Point) -> Callable[[object], Self]:
        """What makes one of a failure of `point`."""
        return lambda failure: cls(f"{point.title}, which goes along: {failure}")


def references_of(points: Sequence[Point]) -> dict[Curve, Point]:
    """For each curve the point that goes along with all the others: of fewest readings, then calls, then sensors."""
    found: dict[Curve, Point] = {}
    for point in sorted(points, key=_work):
        found.setdefault(point.curve, point)
    return found


def _work(point: Point) -> tuple[int, int, int]:
    return len(point.stream), len(point.stream.cuts), point.stream.size.sensors


class Round:
    """One round: a process of each reference stays alive, the points take turns with theirs; a context manager.

    All processes of a round have the same hash seed and environment padding.

    Parameters
    ----------
    references : mapping of curve to Point
        Those of the points that will be timed.

    Attributes
    ----------
    start_s : float
        What it took to start the references.
    """

    def __init__(
        self, references: Mapping[Curve, Point], inputs: Inputs, limits: Limits, pace: Pace, rng: random.Random
    ) -> None:
        self._references, self._inputs, self._pace, self._rng = references, inputs, pace, rng
        self._limits = replace(limits, hash_seed=rng.randrange(1, 2**32), padding_bytes=rng.randrange(0, 4096))
        self._open = ExitStack()
        self._sides: dict[Curve, GuardedSide | str] = {}
        self._reference_s: dict[Curve, list[float]] = defaultdict(list)
        self.start_s = 0.0

    def __enter__(self) -> Self:
        began_s = time.monotonic()
        with ExitStack() as stack:
            for curve, point in self._references.items():
                side = stack.enter_context(GuardedSide(self._side(point), _AlongFailed.of(point)))
                try:
                    side.prepare(self._inputs.fill_readings(point.stream))
                    self._sides[curve] = side
                except _AlongFailed as failed:
                    self._sides[curve] = str(failed)
            self._open = stack.pop_all()
        self.start_s = time.monotonic() - began_s
        return self

    def __exit__(self, *_: object) -> None:
        self._sides.clear()
        self._open.close()

    @property
    def costs_s(self) -> dict[Curve, float]:
        """What a reading of each reference took in this round: the geometric mean of all its samples."""
        return {curve: float(np.exp(np.log(times).mean())) for curve, times in self._reference_s.items()}

    def time(self, point: Point) -> None:
        """Time `point` in one fresh process and add its effect; whatever fails leaves the point out."""
        reference = self._sides[point.curve]
        if isinstance(reference, str):
            point.left_out = reference
            return
        try:
            with self._side(point) as side:
                side.prepare(self._inputs.fill_readings(point.stream))
                with Elsewhere(cpus_for(point.threads, self._limits.threads)):
                    pair = take_pair(reference, side, self._pace.blocks, self._rng)
            along = self._references[point.curve]
            self._check(along, pair.baseline, _AlongFailed.of(along))
            self._check(point, pair.candidate, MeasurementError)
        except _AlongFailed as failed:
            self._sides[point.curve] = point.left_out = str(failed)
        except (WorkerFailure, MeasurementError) as failure:
            point.left_out = str(failure)
        else:
            self._reference_s[point.curve] += [sample.per_reading_ns / 1e9 for sample in pair.baseline]
            point.effects.append(pair.effect)
            point.closing_shares.append(_closing_share(pair.candidate))

    def _check(self, point: Point, samples: Sequence[Sample], error: Callable[[str], Exception]) -> None:
        """Raise what `error` makes of the first that is wrong in the timed windows."""
        wrong = check_samples(point.entry.label, point.stream, samples, self._rng)
        if wrong:
            raise error(f"wrong in a timed call: {wrong[0]}")

    def _side(self, point: Point) -> LiveSide:
        limits = replace(self._limits, cpus=cpus_for(point.threads, self._limits.threads))
        return LiveSide(point.entry, point.stream, limits, self._pace.effort, whole_passes=True)


def _closing_share(samples: Sequence[Sample]) -> float:
    in_calls = sum(float(sample.service_ns.sum()) for sample in samples)
    return 1 - in_calls / sum(sample.timed_ns for sample in samples)


def settle_costs(points: Sequence[Point], rounds: Sequence[Mapping[Curve, float]]) -> NDArray[np.float64]:
    """Set the costs of `points` from their effects and what a reading of their references took, round by round.

    Costs are those of the mean round: by how much each was slower is taken out of them.

    Returns
    -------
    float64[rounds]
        How many times slower each round was than the mean one.
    """
    rows: dict[Curve, list[float]] = defaultdict(list)
    for costs_s in rounds:
        for curve, cost_s in costs_s.items():
            rows[curve].append(cost_s)
    slowness = np.exp(round_effects(list(rows.values())))
    for point in points:
        if point.effects:
            reference_s = np.array(rows[point.curve][: len(point.effects)])
            costs_s = np.exp(point.effects) * reference_s / slowness[: len(point.effects)] * point.readings_a_cost
            point.costs_s = costs_s.tolist()
    return slowness
