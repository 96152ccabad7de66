"""Search: settings are proposed and measured cheaply; then halving measures the best of them for longer.

Optuna and the gaps beside the best so far propose by turns. Values are logarithms of a cost, lower
better. The best third of all settings is measured again with three times the effort, the best third of those with nine
times, each time in fresh processes.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, Self

from harness.optimize.space import Axis, Parameters, between, spread

REDUCTION = 3
_Key = tuple[tuple[str, Any], ...]
MOST_ALIKE = 8
"""So many proposals in a row that were tried already mean that nothing is left to try."""


class Subject(Protocol):
    """What is tuned."""

    def trial(self, parameters: Parameters) -> AbstractContextManager[Callable[[int], float]]:
        """A measurement with these parameters: a function from effort (1, 3, 9 ...) to value; raises `TrialFailed`."""
        ...


class TrialFailed(Exception):  # noqa: N818  (it ends one trial, not the search)
    """A setting that cannot be used: it crashed, was wrong, or broke a constraint."""

    spoilt = False


class TrialSpoilt(TrialFailed):
    """A trial that came to nothing because of the machine, not of the setting."""

    spoilt = True


@dataclass(frozen=True, slots=True)
class Tried:
    """One setting and its values, one a rung it came to; the last one counts.

    One that is `spoilt` failed because of the machine: it is out of this search and may be tried in another.
    """

    parameters: Parameters
    values: tuple[float, ...]
    failure: str | None = None
    spoilt: bool = False

    @property
    def usable(self) -> bool:
        """Whether it was measured without a failure."""
        return self.failure is None and bool(self.values)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is tried: settings in all, of them spread evenly at first, and rungs of effort 1, 3, 9 ..."""

    trials: int = 18
    spread: int = 6
    rungs: int = 3

    @classmethod
    def of(cls, axes: int, trials: int | None = None) -> Self:
        """A budget for a space of so many axes; without `trials`, 12 for the first and 6 for each other.

        >>> Budget.of(1), Budget.of(2).trials
        (Budget(trials=12, spread=4, rungs=3), 18)
        """
        trials = trials or 6 + 6 * axes
        return cls(trials, spread=max(2, trials // REDUCTION))

    @property
    def efforts(self) -> tuple[int, ...]:
        """The effort of each rung."""
        return tuple(REDUCTION**rung for rung in range(self.rungs))

    def places(self, rung: int) -> int:
        """How many settings come to a rung; to the first, all."""
        return max(1, self.trials // self.efforts[rung])

    @property
    def measurements(self) -> int:
        """How many measurements that makes at most."""
        return sum(map(self.places, range(self.rungs)))


def search(
    axes: Sequence[Axis],
    start: Parameters,
    subject: Subject,
    budget: Budget,
    seed: int,
    known: Sequence[Tried] = (),
    stored: Callable[[Tried], None] = lambda _: None,
    start_value: float | None = 0.0,
) -> tuple[Tried, ...]:
    """Try settings until the budget is used up, then halve; what is `known` from before is not measured again.

    `start` are the defaults; `start_value` is 0 where values are relative to them, and None where they are to be
    measured like any other setting. A setting is handed to `stored` after each measurement.

    Returns
    -------
    tuple of Tried
        All of them, in the order they were first tried.
    """
    tried = {_key(one.parameters): one for one in known}

    def keep(one: Tried) -> None:
        tried[_key(one.parameters)] = one
        stored(one)

    defaults = {axis.name: start[axis.name] for axis in axes}
    if start_value is None:
        if _key(defaults) not in tried:
            keep(_measured(Tried(defaults, ()), subject, budget.efforts[0]))
        known_start = tried[_key(defaults)]
    else:
        known_start = Tried(defaults, (start_value,))
    _explore(axes, known_start, subject, budget, seed, tried, keep)
    for rung, effort in enumerate(budget.efforts[1:], 1):
        ranked = sorted((one for one in tried.values() if one.failure is None), key=lambda one: _value(one, rung - 1))
        for one in ranked[: budget.places(rung)]:
            if len(one.values) == rung:
                keep(_measured(one, subject, effort))
    return tuple(tried.values())


def best_first(tried: Sequence[Tried]) -> list[Tried]:
    """The usable ones: those that came farthest first, the best of them in front."""
    return sorted((one for one in tried if one.usable), key=lambda one: (-len(one.values), one.values[-1]))


def _explore(
    axes: Sequence[Axis],
    start: Tried,
    subject: Subject,
    budget: Budget,
    seed: int,
    tried: dict[_Key, Tried],
    keep: Callable[[Tried], None],
) -> None:
    """Measure new settings once each, with the least effort."""
    study = _study(axes, list({_key(start.parameters): start, **tried}.values()), seed)
    planned = spread(axes, budget.spread, seed)
    alike = 0
    while len(tried) < budget.trials and alike < MOST_ALIKE:
        near = _near_the_best(axes, list(tried.values())) if len(tried) % 2 else None
        if planned or near is not None:
            study.enqueue_trial(planned.pop(0) if planned else near)
        asked = study.ask({axis.name: axis.distribution() for axis in axes})
        parameters = {axis.name: asked.params[axis.name] for axis in axes}
        known = start if parameters == start.parameters else tried.get(_key(parameters))
        if known is not None:
            alike += 1
            study.tell(asked, _told(known))
            continue
        alike = 0
        one = _measured(Tried(parameters, ()), subject, budget.efforts[0])
        study.tell(asked, _told(one))
        keep(one)


def _measured(one: Tried, subject: Subject, effort: int) -> Tried:
    """`one` with another value, or with why it has none."""
    try:
        with subject.trial(one.parameters) as measure:
            return Tried(one.parameters, (*one.values, measure(effort)))
    except TrialFailed as failure:
        return Tried(one.parameters, one.values, str(failure), failure.spoilt)


def _key(parameters: Parameters) -> _Key:
    return tuple(sorted(parameters.items()))


def _value(one: Tried, rung: int) -> float:
    return one.values[rung] if len(one.values) > rung else float("inf")


def _near_the_best(axes: Sequence[Axis], tried: Sequence[Tried]) -> dict[str, Any] | None:
    """The best setting so far, moved along one axis to the middle of the widest gap beside it, if there is one."""
    ranked = best_first(tried)
    if not ranked:
        return None
    best = dict(ranked[0].parameters)
    moves: list[tuple[float, int, dict[str, Any]]] = []
    for axis in axes:
        if axis.options:
            continue
        known = [one.parameters[axis.name] for one in tried]
        for value in between(axis, best[axis.name], known):
            moved = {**best, axis.name: value}
            if all(dict(one.parameters) != moved for one in tried):
                moves.append((abs(axis.share_of(value) - axis.share_of(best[axis.name])), len(moves), moved))
    return max(moves, key=lambda move: (move[0], -move[1]))[2] if moves else None


_WORST = 50.0
"""What Optuna is told of a setting that cannot be used: more than the logarithm of any cost."""


def _study(axes: Sequence[Axis], tried: Sequence[Tried], seed: int) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed + len(tried), n_startup_trials=0, n_ei_candidates=64)
    study = optuna.create_study(direction="minimize", sampler=sampler)
    distributions = {axis.name: axis.distribution() for axis in axes}
    for one in tried:
        try:
            trial = optuna.trial.create_trial(
                params=dict(one.parameters), distributions=distributions, value=_told(one)
            )
        except ValueError:  # a default outside of what its own step allows
            continue
        study.add_trial(trial)
    return study


def _told(one: Tried) -> float:
    return one.values[0] if one.usable else _WORST
