"""Search: settings are proposed and measured cheaply; then the leading ones and their neighbours are told apart.

Values are logarithms of a cost, lower better. Points spread evenly come first; then Optuna and the gaps beside the best
so far propose by turns. What is left of the budget goes into longer measurements, each in a fresh process, one after
the other: the next is of the setting that may yet be the best, by what it and its neighbours have shown
(`harness.optimize.surrogate`), be it a leader once more or the middle of a gap beside it. So the field narrows: what is
surely worse is measured no more.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from harness.optimize.space import Axis, Parameters, between, spread
from harness.optimize.surrogate import Surrogate

SHORT, LONG = 1, 3
"""The efforts of a first measurement and of one that tells leaders apart."""
MOST_FITTED = 200
"""So many settings, the best, have a say in how good another is: the time this takes grows with their cube."""
DOUBTS = 2.0
"""A setting may yet be the best if it would be when off by so many standard deviations."""

MOST_ALIKE = 8
"""So many proposals in a row that were tried already mean that nothing is left to try."""

_Key = tuple[tuple[str, Any], ...]


class Subject(Protocol):
    """What is tuned."""

    def trial(self, parameters: Parameters) -> AbstractContextManager[Callable[[int], float]]:
        """A measurement with these parameters: a function from effort to value; raises `TrialFailed`."""
        ...


class TrialFailed(Exception):  # noqa: N818  (it ends one trial, not the search)
    """A setting that cannot be used: it crashed, was wrong, or broke a constraint."""

    spoilt = False


class LimitBroken(TrialFailed):
    """A setting that does not keep what the aim demands: a limit, or up with the load."""


class TrialSpoilt(TrialFailed):
    """A trial that came to nothing because of the machine, not of the setting."""

    spoilt = True


@dataclass(frozen=True, slots=True)
class Tried:
    """One setting and its values, each with the effort it took.

    One that is `spoilt` failed because of the machine: it is out of this search and may be tried in another.
    """

    parameters: Parameters
    values: tuple[float, ...]
    efforts: tuple[int, ...] = ()
    failure: str | None = None
    spoilt: bool = False

    @property
    def effort(self) -> int:
        """How much was spent on its values."""
        return sum(self.efforts)

    @property
    def mean(self) -> float:
        """Its values, weighted by effort."""
        return sum(value * effort for value, effort in zip(self.values, self.efforts, strict=True)) / self.effort

    @property
    def contended(self) -> bool:
        """Whether it came to the longer measurements."""
        return LONG in self.efforts

    @property
    def usable(self) -> bool:
        """Whether it was measured without a failure."""
        return self.failure is None and bool(self.values)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is tried: settings proposed, of them spread evenly at first, and longer measurements of the leaders."""

    trials: int = 8
    spread: int = 6
    finals: int = 11

    @classmethod
    def of(cls, axes: int, trials: int | None = None) -> Self:
        """A budget for a space of so many axes; without `trials`, 8 for the first and 6 for each other.

        >>> Budget.of(1), Budget.of(2).trials
        (Budget(trials=8, spread=6, finals=11), 14)
        """
        trials = trials or 2 + 6 * axes
        return cls(trials, spread=max(2, 3 * trials // 4), finals=trials + trials // 3 + 1)

    @property
    def measurements(self) -> int:
        """How many measurements that makes at most."""
        return self.trials + self.finals


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
    """Try settings, then tell the leaders apart; what is `known` from before is not measured again.

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
            keep(_measured(Tried(defaults, ()), subject, SHORT))
        known_start = tried[_key(defaults)]
    else:
        known_start = Tried(defaults, (start_value,), (SHORT,))
    _explore(axes, known_start, subject, budget, seed, tried, keep)
    done = sum(one.efforts.count(LONG) for one in tried.values())
    for _ in range(done, budget.finals):
        contender = _contender(axes, known_start, list(tried.values()))
        if contender is None:
            break
        keep(_measured(contender, subject, LONG))
    return tuple(tried.values())


def best_first(axes: Sequence[Axis], tried: Sequence[Tried]) -> list[Tried]:
    """The usable ones: those that were measured for longer first, the best of them in front.

    How good one is, its neighbours have a say in (`Surrogate`).
    """
    usable = [one for one in tried if one.usable]
    if not usable:
        return []
    expected, _ = _surrogate(axes, usable).at([one.parameters for one in usable])
    order = sorted(range(len(usable)), key=lambda place: (not usable[place].contended, expected[place]))
    return [usable[place] for place in order]


def _contender(axes: Sequence[Axis], start: Tried, tried: Sequence[Tried]) -> Tried | None:
    """What may yet be the best: a setting measured before, or the middle of a gap beside the one expected to be."""
    usable = [one for one in tried if one.usable]
    if not usable:
        return None
    surrogate = _surrogate(axes, usable)
    expected, _ = surrogate.at([one.parameters for one in usable])
    leader = usable[int(expected.argmin())]
    beside = (moved for _, moved in _moves(axes, leader.parameters, [*tried, start]))
    contenders = [*usable, *(Tried(moved, ()) for moved in beside)]
    expected, doubt = surrogate.at([one.parameters for one in contenders])
    return contenders[int((expected - DOUBTS * doubt).argmin())]


def _surrogate(axes: Sequence[Axis], usable: Sequence[Tried]) -> Surrogate:
    fitted = sorted(usable, key=lambda one: one.mean)[:MOST_FITTED]
    means, efforts = ([getattr(one, name) for one in fitted] for name in ("mean", "effort"))
    return Surrogate.of(axes, [one.parameters for one in fitted], np.array(means, float), np.array(efforts, float))


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
        one = _measured(Tried(parameters, ()), subject, SHORT)
        study.tell(asked, _told(one))
        keep(one)


def _measured(one: Tried, subject: Subject, effort: int) -> Tried:
    """`one` with another value, or with why it has none."""
    try:
        with subject.trial(one.parameters) as measure:
            return Tried(one.parameters, (*one.values, measure(effort)), (*one.efforts, effort))
    except TrialFailed as failure:
        return Tried(one.parameters, one.values, one.efforts, str(failure), failure.spoilt)


def _key(parameters: Parameters) -> _Key:
    return tuple(sorted(parameters.items()))


def _near_the_best(axes: Sequence[Axis], tried: Sequence[Tried]) -> dict[str, Any] | None:
    """The best setting so far, moved along one axis to the middle of the widest gap beside it, if there is one."""
    ranked = best_first(axes, tried)
    moves = _moves(axes, ranked[0].parameters, tried) if ranked else []
    return max(moves, key=lambda move: move[0])[1] if moves else None


def _moves(axes: Sequence[Axis], best: Parameters, tried: Sequence[Tried]) -> list[tuple[float, dict[str, Any]]]:
    """`best` moved along each axis to the middles of the gaps beside it: how far, and where to; nothing tried yet."""
    seen = {_key(one.parameters) for one in tried}
    moves: dict[_Key, tuple[float, dict[str, Any]]] = {}
    for axis in axes:
        if axis.options:
            beside: list[Any] = [option for option in axis.options if option != best[axis.name]]
        else:
            beside = between(axis, best[axis.name], [one.parameters[axis.name] for one in tried])
        for value in beside:
            moved = {**best, axis.name: value}
            if _key(moved) not in seen:
                moves.setdefault(_key(moved), (abs(axis.share_of(value) - axis.share_of(best[axis.name])), moved))
    return list(moves.values())


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
