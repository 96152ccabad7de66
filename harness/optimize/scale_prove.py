"""Proofs for a scaling measurement: every point on its very stream, before it is timed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.discovery import Entry
from harness.errors import InputError, MeasurementError
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS
from harness.optimize.scale_plan import Ladder
from harness.optimize.scale_points import Pace, Point, point_of
from harness.results import Level, Status
from harness.run.inputs import Inputs
from harness.run.probe import predicted_s
from harness.units import format_seconds
from harness.verify import verify

_PROBED_FROM = 3
"""The first sizes of a ladder are tried without a taste beforehand: they are meant to be small."""

Say = Callable[[str], None]


class Prover:
    """Proves the points of ladders, smallest first; what is too slow at one size is not tried at a larger one."""

    def __init__(self, inputs: Inputs, workload: str, limits: Limits, pace: Pace, until_s: float) -> None:
        self._inputs, self._workload, self._limits, self._pace = inputs, workload, limits, pace
        self._until_s = until_s

    def points(self, ladder: Ladder, entries: Sequence[Entry], say: Say) -> list[Point]:
        """Every (size, implementation) of `ladder`, each proved or left out with the reason."""
        found: list[Point] = []
        gone: dict[str, str] = {}
        seen: set[int] = set()
        for position, value in enumerate(ladder.values):
            if found and len(gone) == len(entries):  # nobody needs its stream
                found += [
                    replace(point, value=value, left_out=gone[point.entry.label]) for point in found[-len(entries) :]
                ]
                continue
            stream = self._inputs.stream(self._workload, ladder.size(value))
            points = [point_of(entry, ladder, stream) for entry in entries]
            true = points[0].value
            if true in seen:
                continue
            seen.add(true)
            for point in points:
                label = point.entry.label
                if label in gone:
                    point.left_out = gone[label]
                else:
                    say(f"proving {point.title}")
                    self._prove(point, taste=position >= _PROBED_FROM)
                    if point.left_out is not None:
                        gone[label] = f"not tried: left out at {true:,} already"
            found += points
        return found

    def _prove(self, point: Point, *, taste: bool) -> None:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            point.left_out = "the time for all was used up; allow more with --within"
            return
        allowed_s = min(self._pace.point_s, left_s)
        try:
            if taste:
                effort, fill = EFFORTS[Level.QUICK], self._inputs.fill_readings(point.stream)
                expected_s = predicted_s(point.entry, point.stream, self._limits, effort, fill)
                if expected_s > allowed_s:
                    expected, allowed = format_seconds(expected_s), format_seconds(allowed_s)
                    point.left_out = f"would take about {expected}; {allowed} are allowed a point"
                    return
            with Worker(point.entry, self._limits) as worker:
                described = worker.described
            point.threads, point.approach = str(described["threads"]), str(described["approach"])
            if described["unavailable"]:
                point.left_out = f"unavailable: {described['unavailable']}"
                return
            proof = verify(point.entry, point.stream, self._limits, budget_s=allowed_s)
        except WorkerFailure as failure:
            point.left_out = f"{failure.status}: {failure.reason}"
        except (InputError, MeasurementError) as error:
            point.left_out = str(error)
        else:
            if not proof.verified:
                point.left_out = f"{Status.WRONG}: {proof.failures[0]}"
            point.checks = len(proof.checks) if proof.verified else 0
            point.process_s = proof.seconds
