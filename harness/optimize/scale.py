"""Scale: how cost grows with readings, sensors and batch size, and where implementations change places."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from harness.contract import Workload
from harness.discovery import Entry
from harness.errors import MeasurementError
from harness.machine import fingerprint
from harness.measure.processes.handle import Limits
from harness.optimize.scale_fit import crossover_records, curve_record, throughout_records
from harness.optimize.scale_plan import Axis, Ladder, Target, fixed_of
from harness.optimize.scale_points import Pace, Point
from harness.optimize.scale_prove import Prover
from harness.optimize.scale_rounds import Round, references_of, settle_costs
from harness.run.inputs import Inputs
from harness.statistics.growth import GrowthFit
from harness.stream import blamed_on
from harness.units import format_seconds

SCALE_KIND = "scale"
LEAST_PROCESSES = 3
"""Fresh processes a point, at least: with fewer it is left out."""

_GRACE = 0.1
"""Of the time for timing, by which a round that is under way may exceed it."""

_NO_TIME = f"fewer than {LEAST_PROCESSES} processes in the time there was; allow more with --within"
_PROVING_SHARE = 0.5
"""Of the whole time, at most, for proofs; what is left is for timing."""


class Progress(Protocol):
    """Who is told how it goes on."""

    def __call__(self, text: str, left_s: float | None = None) -> None:
        """What is under way and about how long all will still take."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a scaling measurement is asked.

    Parameters
    ----------
    entries : sequence of Entry
    workload : str
        As the user wrote it.
    ladders : sequence of Ladder
    targets : sequence of Target
    within_s : float
        What all may take.
    """

    entries: Sequence[Entry]
    workload: str
    ladders: Sequence[Ladder]
    targets: Sequence[Target]
    within_s: float


def carry_out(
    question: Question, limits: Limits, pace: Pace, seed: int, progress: Progress
) -> Iterator[dict[str, Any]]:
    """Prove every point, time them all by turns, and hand out a record of kind "scale" for each axis.

    Each round times every point once, in an order by chance and each in a fresh process, in turns with a process of
    the same implementation at its least costly size, so that what the machine does meanwhile meets all sizes alike.
    Where the time does not suffice for three processes a point, the most costly points are left out. Interrupted while
    it times, it hands out what there is first.

    Raises
    ------
    MeasurementError
        If the workload has fewer than five sizes on an axis, or one number of sensors where they are to grow.
    """
    began_s = time.monotonic()
    rng = random.Random(seed)
    caches = cache_bytes()
    with Inputs(most=1_000_000) as inputs:
        label, workload = inputs.workload(question.workload)
        for ladder in question.ladders:
            _check_sensors(ladder, workload, label)
        prover = Prover(inputs, question.workload, limits, pace, began_s + _PROVING_SHARE * question.within_s)
        found = {
            ladder.axis: _checked(ladder, prover.points(ladder, question.entries, progress), label)
            for ladder in question.ladders
        }
        points = [point for some in found.values() for point in some if point.usable]
        references = references_of(points)
        rounds: list[Round] = []
        interrupted = None
        try:
            _time_all(
                points,
                lambda alive: Round({one.curve: references[one.curve] for one in alive}, inputs, limits, pace, rng),
                rounds, pace, rng, began_s + question.within_s, progress,
            )  # fmt: skip
        except KeyboardInterrupt as asked:
            interrupted = asked
        slowness = [float(times) for times in settle_costs(points, [round_.costs_s for round_ in rounds])]
        for point in points:
            if point.usable and len(point.effects) < LEAST_PROCESSES:
                point.left_out = _NO_TIME
    for ladder in question.ladders:
        along = {name: point.value for (axis, name), point in references.items() if axis is ladder.axis}
        record = _record(ladder, found[ladder.axis], label, caches, question.targets, pace)
        yield {**record, "along": along, "slowness": slowness}
    if interrupted is not None:
        raise interrupted


def cache_bytes() -> dict[str, float]:
    """Sizes of this machine's caches by name, as far as they are known."""
    cpu = fingerprint().cpu
    sizes = {"L1": cpu.l1d_bytes, "L2": cpu.l2_bytes, "L3": cpu.l3_bytes}
    return {name: float(size) for name, size in sizes.items() if size}


def _check_sensors(ladder: Ladder, workload: Workload, label: str) -> None:
    """See, before anything is proved, that sensors can grow: a recording has its own."""
    if ladder.axis is not Axis.SENSORS:
        return
    with blamed_on(label):
        counts = {len(workload.sensors(ladder.size(value))) for value in ladder.values[:2]}
    if len(counts) == 1:
        raise MeasurementError(
            f"workload {label} has {counts.pop():,} sensors whatever is asked for; "
            "ask for --by readings or --by batch, or choose a generated workload"
        )


def _checked(ladder: Ladder, points: list[Point], label: str) -> list[Point]:
    sizes = {point.value for point in points}
    if len(sizes) < len(ladder.values) and len(sizes) < 5:
        raise MeasurementError(
            f"workload {label} comes in {len(sizes)} different numbers of {ladder.axis} whatever is asked for; "
            "expected five: choose a generated workload or another axis"
        )
    return points


def _time_all(
    points: Sequence[Point],
    round_of: Callable[[Sequence[Point]], Round],
    rounds: list[Round],
    pace: Pace,
    rng: random.Random,
    until_s: float,
    progress: Progress,
) -> None:
    """Time each of `points` once a round, in an order by chance, adding to `rounds`.

    The first round goes from what was proved fastest to what took longest, and ends where three of them would not be
    done in time; before each further round the most costly are left out for the same reason.
    """
    grace_s = _GRACE * (until_s - time.monotonic())
    start_s = 0.0  # of the processes that go along
    for index in range(pace.processes):
        left_s = until_s - time.monotonic()
        to_come = max(1, LEAST_PROCESSES - index)
        if index >= LEAST_PROCESSES and start_s + _expected_s(points, 1) > left_s:
            break
        if index:
            thin_out(points, to_come, left_s - to_come * start_s)
        alive = [point for point in points if point.left_out is None]
        order = rng.sample(alive, len(alive)) if index else sorted(alive, key=lambda point: point.process_s)
        with round_of(alive) as round_:
            start_s = round_.start_s
            rounds.append(round_)
            for place, point in enumerate(order):
                left_s = until_s - time.monotonic()
                if left_s < -grace_s or (index == 0 and not _fits(order[:place], start_s, left_s)):
                    point.left_out = _NO_TIME
                    continue
                rest_s = (start_s + _expected_s(alive, 1)) * (pace.processes - index - place / len(alive))
                shown_s = min(rest_s, max(0.0, left_s))
                progress(f"timing {point.title}, round {index + 1} of {pace.processes}", shown_s)
                began_s = time.monotonic()
                round_.time(point)
                point.process_s = time.monotonic() - began_s


def _fits(timed: Sequence[Point], start_s: float, left_s: float) -> bool:
    """Whether two more rounds of `timed`, and three of one that takes as long as the last, take at most `left_s`."""
    longest_s = timed[-1].process_s if timed else 0.0
    return (LEAST_PROCESSES - 1) * (start_s + _expected_s(timed, 1)) + LEAST_PROCESSES * longest_s <= left_s


def thin_out(points: Sequence[Point], rounds: int, left_s: float) -> None:
    """Leave out the most costly of `points` until `rounds` more of the others take at most `left_s`."""
    for point in sorted(points, key=lambda point: -point.process_s):
        if _expected_s(points, rounds) <= left_s:
            return
        if point.left_out is None:
            took = format_seconds(point.process_s)
            point.left_out = f"{took} a process were too much for the time there was; allow more with --within"


def _expected_s(points: Sequence[Point], rounds: int) -> float:
    return rounds * sum(point.process_s for point in points if point.left_out is None)


def _record(
    ladder: Ladder,
    points: Sequence[Point],
    label: str,
    caches: dict[str, float],
    targets: Sequence[Target],
    pace: Pace,
) -> dict[str, Any]:
    own = [target for target in targets if target.axis is ladder.axis]
    curves, fits = [], dict[str, GrowthFit]()
    for name in dict.fromkeys(point.entry.label for point in points):
        record, fit = curve_record([point for point in points if point.entry.label == name], caches, own)
        curves.append(record)
        if fit is not None:
            fits[name] = fit
    return {
        "kind": SCALE_KIND,
        "workload": label,
        "axis": str(ladder.axis),
        "cost": ladder.axis.cost,
        "fixed": dict(fixed_of(ladder)),
        "cache_bytes": caches,
        "pace": asdict(pace),
        "curves": curves,
        "crossovers": crossover_records(fits),
        "throughout": throughout_records(curves),
    }
