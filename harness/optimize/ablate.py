"""Ablation: what each technique and each approach adds, alone and in company, from pairs of fresh processes."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from harness.contract import Size
from harness.discovery import Entry, find
from harness.errors import MeasurementError
from harness.measure.load.latency import STUDY_PER_S, measure_latency
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS, Effort
from harness.measure.speed.throughput import WrongInSample
from harness.optimize.phases import PHASES, STANDINGS, TECHNIQUES, entry_with
from harness.optimize.sizing import SizedInputs, probed_per_s, sensors_for, size_with
from harness.results import Cell, Latency, Level, Memory, Status, to_builtins
from harness.run.cell import CellMaker
from harness.statistics.verdict import LEAST_PAIRS
from harness.store import Store
from harness.units import format_rate, format_seconds
from harness.verify import check_under_load

ABLATION_KIND = "ablation"
SIZING_KIND = "ablation_sizing"

STUDY_BEFORE_PER_S = 100_000.0
"""What the study's processor reached before anything was done."""

SECOND_SENSORS = 10_000
_PROBE_S = 0.4
_AGAIN = {Status.CRASHED, Status.TIMED_OUT, Status.FAILED}
"""What a busy machine can do to a measurement: made again when the command is."""

_LATENCY_S = 1.0
_REPETITIONS = 3
_LEAST_BUDGET_S = 90.0

Study = Literal["ladder", "step", "alone", "without", "approach"]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One choice of techniques, or an implementation that stands for an approach, against another choice.

    Parameters
    ----------
    study
        "ladder": a phase against before; "step": a phase against the one below it; "alone": one technique against
        none; "without": all but one against all; "approach": an implementation against before.
    name
        Of the phase, of the technique, or of the implementation.
    on, against
        The techniques of both sides; `against` is None for the foot of the ladder, which is measured by itself.
    offered_per_s
        The load for its latency; None leaves latency out.
    """

    study: Study
    name: str
    on: tuple[str, ...]
    against: tuple[str, ...] | None
    offered_per_s: float | None = None

    @property
    def entry(self) -> Entry:
        """What is measured."""
        return find("processors", self.name) if self.study == "approach" else entry_with(self.on)


def comparisons(*, whole: bool) -> tuple[Comparison, ...]:
    """The ladder with its steps; if `whole`, also each technique alone and all without it, and the approaches.

    >>> [f"{one.study} {one.name}" for one in comparisons(whole=False)]
    ['ladder before', 'ladder phase 1', 'ladder phase 2', 'ladder phase 3', 'step phase 2', 'step phase 3']
    """
    before, *phases = PHASES
    found = [Comparison("ladder", before.name, before.techniques, None, STUDY_PER_S)]
    found += [Comparison("ladder", phase.name, phase.techniques, before.techniques, STUDY_PER_S) for phase in phases]
    if whole:
        found += [Comparison("approach", one.implementation, (), (), one.offered_per_s) for one in STANDINGS]
        found += [Comparison("alone", name, (name,), ()) for name in TECHNIQUES]
        for name in TECHNIQUES:
            rest = tuple(other for other in TECHNIQUES if other != name)
            found.append(Comparison("without", name, rest, TECHNIQUES))
    for below, phase in itertools.pairwise(phases):
        found.append(Comparison("step", phase.name, phase.techniques, below.techniques))
    return tuple(found)


def sizes_for(store: Store, workload: str, given: Sequence[int], limits: Limits, told: Told) -> tuple[Size, ...]:
    """The sizes to climb the ladder at, each stored once it is known.

    Without `given` numbers of sensors: the one at which `before` does the study's 100,000 readings/s here, and 10,000.

    Raises
    ------
    MeasurementError
        If the search cannot be made.
    """
    key = (workload, tuple(given))
    for record in store.records(SIZING_KIND):
        if (record["workload"], tuple(record["given"])) == key:
            return tuple(Size(**values) for values in record["sizes"])
    before = entry_with(())
    with SizedInputs() as inputs:

        def per_s_with(sensors: int, guess: float = STUDY_BEFORE_PER_S) -> float:
            told(f"before with {sensors:,} sensors")
            size = replace(size_with(sensors, 0.0), name=f"probe {sensors}", retain=10_000)
            return probed_per_s(before, inputs, workload, size, limits, _PROBE_S)

        try:
            if given:
                rates = {sensors: per_s_with(sensors) for sensors in given}
            else:
                found = sensors_for(STUDY_BEFORE_PER_S, per_s_with)
                rates = {found.sensors: found.per_s}
                if found.sensors != SECOND_SENSORS:
                    rates[SECOND_SENSORS] = per_s_with(SECOND_SENSORS)
        except WorkerFailure as failure:
            raise MeasurementError(f"before could not be sized: {failure}") from failure
    sizes = tuple(size_with(sensors, per_s) for sensors, per_s in rates.items())
    store.append(
        {
            "kind": SIZING_KIND,
            "workload": workload,
            "given": list(given),
            "aim_per_s": None if given else STUDY_BEFORE_PER_S,
            "found_per_s": list(rates.values()),
            "sizes": [to_builtins(size) for size in sizes],
        }
    )
    return sizes


def effort_of(level: Level) -> Effort:
    """The level's effort, fitted to so many comparisons that are mostly of large effects.

    Six pairs at least, because three say nothing at a confidence corrected for all of them; fewer blocks; the
    baseline's processes are kept, because filling a slow one's history takes longest; and nothing is cut short, because
    there is no smaller size to step down to.
    """
    effort = EFFORTS[level]
    return replace(
        effort,
        least_pairs=max(effort.least_pairs, LEAST_PAIRS),
        most_pairs=max(effort.most_pairs, LEAST_PAIRS),
        blocks=1 if level is Level.QUICK else 2,
        keeps_baseline=True,
        counts_allocations=False,
        cell_budget_s=max(effort.cell_budget_s, _LEAST_BUDGET_S),
    )


class Ablation:
    """Carries out comparisons at sizes and stores each as it is finished.

    Parameters
    ----------
    store, workload, sizes
        Where to; on what. Every comparison is made at the first of `sizes`, the ladder at all.
    level, limits, seed
        As a run takes them.
    told : callable
        Told what is under way.
    latency_s
        How long each load lasts that a latency is measured at.
    """

    def __init__(
        self,
        store: Store,
        workload: str,
        sizes: Sequence[Size],
        level: Level,
        limits: Limits,
        seed: int,
        told: Told = lambda _: None,
        latency_s: float = _LATENCY_S,
    ) -> None:
        self.latency_s = latency_s
        self.store, self.workload, self.sizes = store, workload, tuple(sizes)
        self.level, self.limits, self.seed, self.told = level, limits, seed, told
        self._memories: dict[tuple[str, str], Memory | None] = {}
        self._foot_per_s: dict[str, float] = {}

    def planned(self) -> tuple[tuple[Size, Comparison], ...]:
        """Everything to be measured, in its order."""
        return tuple((size, one) for number, size in enumerate(self.sizes) for one in comparisons(whole=number == 0))

    def carry_out(self) -> Iterator[dict[str, Any]]:
        """Measure what the store does not hold yet, and yield each record once it is stored."""
        done = set()
        for record in self.store.records(ABLATION_KIND):
            if record["cell"]["status"] not in _AGAIN:
                done.add(self._key(record))
            self._note_foot(record)
        planned = self.planned()
        with SizedInputs({size.name: size for size in self.sizes}) as inputs:
            maker = CellMaker(inputs, effort_of(self.level), self.limits, len(planned), (), ("memory",), self.seed)
            with maker:
                began_s = time.monotonic()
                left = [
                    (number, size, one)
                    for number, (size, one) in enumerate(planned, 1)
                    if (self.workload, size.name, one.study, one.name) not in done
                ]
                for fresh, (number, size, one) in enumerate(left):
                    about = f"[{number}/{len(planned)}] {one.study} {one.name} with {size.name}"
                    taken_s = time.monotonic() - began_s
                    rest = f", about {format_seconds(taken_s / fresh * (len(left) - fresh))} left" if fresh else ""
                    self.told(f"{about}{rest}")
                    record = self._measure(maker, size, one, partial(self._tell, about))
                    self.store.append(record)
                    self._note_foot(record)
                    yield record

    def _tell(self, about: str, what: str) -> None:
        self.told(f"{about}: {what}")

    def _note_foot(self, record: Any) -> None:
        throughput = record["cell"]["throughput"]
        if record["workload"] == self.workload and _is_foot(record["study"], record["on"]) and throughput:
            self._foot_per_s[record["size"]] = throughput["per_s"]["median"]

    @staticmethod
    def _key(record: Any) -> tuple[str, str, str, str]:
        return record["workload"], record["size"], record["study"], record["name"]

    def _measure(self, maker: CellMaker, size: Size, one: Comparison, phase: Told) -> dict[str, Any]:
        entry = one.entry
        weighed = (entry.label, size.name) in self._memories
        maker.passes = ("throughput",) if weighed or one.study == "step" else ("throughput", "memory")
        maker.baselines = () if one.against is None else (entry_with(one.against),)
        cell = maker.make(entry, self.workload, size.name, lambda _: None)
        if weighed:
            cell = replace(cell, memory=self._memories[entry.label, size.name])
        elif "memory" in maker.passes:
            self._memories[entry.label, size.name] = cell.memory
        gentle = None
        if one.offered_per_s is not None and cell.verified:
            phase("latency")
            gentle, cell = self._latencies(maker, size, cell, one, one.offered_per_s)
        return {
            "kind": ABLATION_KIND,
            "workload": self.workload,
            "size": size.name,
            "sensors": size.sensors,
            "study": one.study,
            "name": one.name,
            "on": list(one.on),
            "against": None if one.against is None else list(one.against),
            "gentle_latency": to_builtins(gentle),
            "cell": to_builtins(cell),
        }

    def _latencies(
        self, maker: CellMaker, size: Size, cell: Cell, one: Comparison, offered_per_s: float
    ) -> tuple[Latency | None, Cell]:
        """Latency at half of what `before` does, which every phase can take, and at `offered_per_s`."""
        _, workload = maker.inputs.workload(self.workload)
        stream = maker.inputs.stream(self.workload, size)
        notes = list(cell.notes)

        def at(load_per_s: float) -> Latency | None:
            try:
                return measure_latency(
                    one.entry,
                    stream,
                    workload,
                    self.limits,
                    offered_per_s=load_per_s,
                    seconds=self.latency_s,
                    repetitions=_REPETITIONS,
                    check=check_under_load,
                )
            except (WorkerFailure, WrongInSample, MeasurementError) as failure:
                notes.append(f"no latency at {format_rate(load_per_s)}: {failure}")
                return None

        if size.name not in self._foot_per_s and _is_foot(one.study, one.on) and cell.throughput:
            self._foot_per_s[size.name] = cell.throughput.per_s.median
        foot_per_s = self._foot_per_s.get(size.name) if one.study == "ladder" else None
        gentle = at(foot_per_s / 2) if foot_per_s else None
        latency = at(offered_per_s)
        return gentle, replace(cell, latency=latency, notes=tuple(notes))


def _is_foot(study: str, on: Sequence[str]) -> bool:
    return study == "ladder" and not on
