"""Tune: the best parameters of an implementation for a goal, searched for cheaply, confirmed in pairs."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.contract.parameters import Value
from harness.discovery import Entry
from harness.errors import MeasurementError, UsageError
from harness.machine import fingerprint
from harness.measure.processes.handle import Limits, Worker
from harness.optimize.aim import Aim
from harness.optimize.search import Budget, Tried, best_first, search
from harness.optimize.space import Axis, Parameters
from harness.optimize.trials import Trials
from harness.optimize.tuned import BETTER, Tuned
from harness.results import Level
from harness.run.inputs import Inputs
from harness.store import Store

TRIAL_KIND = "trial"


def axes_of(entry: Entry, limits: Limits, only: Sequence[str]) -> tuple[list[Axis], dict[str, Value]]:
    """The tunable parameters of `entry`, `only` those named, and the values they have now.

    Raises
    ------
    UsageError
        If there is none, or one named is not among them.
    """
    with Worker(entry, limits) as worker:
        described = worker.described
    if described["unavailable"]:
        raise MeasurementError(f"{entry.label}: {described['unavailable']}")
    ranges, now = described["ranges"], described["parameters"]
    unknown = [name for name in only if name not in ranges]
    if unknown or not ranges:
        there = f"; it has {', '.join(ranges)}" if ranges else ": there is nothing to tune"
        raise UsageError(f"{entry.name} declares no range for {', '.join(unknown) or 'any parameter'}{there}")
    return [Axis.of(name, ranges[name], now[name]) for name in ranges if not only or name in only], now


def tune(
    entry: Entry,
    workload: str,
    size: str | None,
    aim: Aim,
    store: Store,
    *,
    only: Sequence[str] = (),
    budget: Budget | None = None,
    level: Level = Level.DEFAULT,
    limits: Limits,
    seed: int = 0,
    told: Callable[[str], None] = lambda _: None,
) -> Tuned:
    """Search, prove the best, confirm it against what it began from; trials in `store` are not made again.

    Raises
    ------
    MeasurementError
        If no setting could be measured.
    """
    axes, start = axes_of(entry, limits, only)
    budget = budget or Budget.of(len(axes))
    before = {axis.name: start[axis.name] for axis in axes}
    with Inputs() as inputs:
        stream = inputs.stream(workload, inputs.size(workload, size))
        label, found = inputs.workload(workload)
        question = {
            "implementation": entry.label,
            "workload_digest": stream.digest,
            "goal": aim.goal,
            "offered_per_s": aim.offered_per_s,
            "constraints": aim.constraints,
            "axes": [axis.name for axis in axes],
        }
        with Trials(entry, stream, found, inputs.fill_readings(stream), aim, limits, seed) as trials:
            records = _Records(store, question, budget, trials.shown, told)
            tried = search(axes, start, trials, budget, seed, records.known(), records.keep, trials.start_value)
            best = _best_proved(trials, axes, [one for one in tried if one.parameters != before], told)
            told(f"confirming {_written(best.parameters)}")
            confirmed = trials.confirm(best.parameters, level)
            refused = trials.refused(before)
    used = best.parameters if confirmed.verdict == BETTER or refused else before
    return Tuned(
        implementation=entry.name,
        parameters={**entry.parameters, **used},
        start=before,
        candidate=dict(best.parameters),
        goal=aim.goal,
        offered_per_s=aim.offered_per_s,
        constraints=aim.constraints,
        verdict=confirmed.verdict,
        ratio=confirmed.ratio,
        pairs=confirmed.pairs,
        start_refused=refused,
        trials=len(tried),
        workload=label,
        size=stream.size.name,
        workload_digest=stream.digest,
        environment=fingerprint().as_dict(),
    )


def _best_proved(trials: Trials, axes: Sequence[Axis], tried: Sequence[Tried], told: Callable[[str], None]) -> Tried:
    for one in best_first(axes, tried):
        told(f"proving {_written(one.parameters)}")
        why = trials.proved(one.parameters)
        if why is None:
            return one
        told(f"    {why}")
    reasons = {one.failure for one in tried if one.failure}
    why = f" (such as: {min(reasons)})" if reasons else ""
    raise MeasurementError(f"{trials.entry.name}: no setting could be used{why}; loosen the constraints or try others")


class _Records:
    """The trials of one question in a store: those made before, and each new one with what it took."""

    def __init__(
        self,
        store: Store,
        question: Mapping[str, Any],
        budget: Budget,
        shown: Callable[[float], str],
        told: Callable[[str], None],
    ) -> None:
        self._store, self._question, self._shown, self._told = store, question, shown, told
        self._made, self._expected = 0, budget.measurements
        self._began_s = time.monotonic()

    def known(self) -> list[Tried]:
        """The newest state of each setting tried before for the very same question; what was spoilt is left out."""
        found: dict[str, Tried] = {}
        for record in self._store.records(TRIAL_KIND):
            same = all(record.get(name) == value for name, value in self._question.items())
            if same and not record.get("spoilt") and "efforts" in record:  # an older search stored none
                one = Tried(record["parameters"], tuple(record["values"]), tuple(record["efforts"]), record["failure"])
                found[_written(one.parameters)] = one
                self._made += 1
        self._began_s = time.monotonic()
        return list(found.values())

    def keep(self, one: Tried) -> None:
        """Store a setting after another measurement."""
        seconds, self._began_s = time.monotonic() - self._began_s, time.monotonic()
        self._made += 1
        said = one.failure or f"{self._shown(one.values[-1])}{_often(one)}"
        self._told(f"[{self._made}/{self._expected}] {_written(one.parameters)}: {said}")
        values = {
            "parameters": dict(one.parameters),
            "values": list(one.values),
            "efforts": list(one.efforts),
            "failure": one.failure,
            "spoilt": one.spoilt,
            "seconds": round(seconds, 3),
        }
        self._store.append({"kind": TRIAL_KIND, **self._question, **values})


def _often(one: Tried) -> str:
    return f" (measured {len(one.values)} times)" if len(one.values) > 1 else ""


def _written(parameters: Parameters) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
