"""The search on a fake clock: what it finds, and what that costs beside a full grid."""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.contract.parameters import Value
from harness.optimize.search import LONG, SHORT, Budget, TrialFailed, Tried, best_first, search
from harness.optimize.space import Axis, Parameters, spread

BATCH = Axis("batch_size", low=64, high=1_000_000, log=True, whole=True)
START: dict[str, Value] = {"batch_size": 64}  # the planted bad default
SETUP_S, UNIT_S = 2.0, 1.0


def true_cost(batch: float) -> float:
    """Nanoseconds a reading: what a call costs is shared by its batch, and a large one leaves the cache."""
    return 10.0 + 1200.0 * 64 / batch + 6.0 * max(0.0, math.log(batch / 30_000))


class FakeSubject:
    """Measures by a formula with noise that shrinks with effort, on a clock of its own."""

    def __init__(
        self, seed: int, noise: float = 0.03, cost: Callable[[float], float] = true_cost, between_processes: float = 0.0
    ) -> None:
        self.cost, self.between_processes = cost, between_processes
        self.rng = random.Random(seed)
        self.noise = noise
        self.clock_s = 0.0
        self.asked: list[Parameters] = []

    @contextmanager
    def trial(self, parameters: Parameters) -> Iterator[Callable[[int], float]]:
        self.clock_s += SETUP_S
        self.asked.append(parameters)
        batch = float(parameters["batch_size"])
        process = self.rng.gauss(0, self.between_processes)

        def measure(effort: int) -> float:
            self.clock_s += UNIT_S * effort
            noise = process + self.rng.gauss(0, self.noise / math.sqrt(effort))
            return math.log(self.cost(batch) / self.cost(64)) + noise

        yield measure


GRID = [float(BATCH.at(index / 31)) for index in range(32)]
GRID_COST_S = len(GRID) * (SETUP_S + UNIT_S * 3 * LONG)
"""Each of its settings measured once, three times as long as the search measures its leaders at a time."""


@pytest.mark.parametrize("seed", range(20))
def test_from_a_bad_default_to_within_5_percent_in_a_quarter_of_a_grid(seed: int) -> None:
    budget, subject = Budget.of(1), FakeSubject(seed)
    found = best_first([BATCH], search([BATCH], START, subject, budget, seed))[0]
    assert true_cost(float(found.parameters["batch_size"])) <= 1.05 * min(map(true_cost, GRID))
    assert subject.clock_s <= GRID_COST_S / 4


def valley(seed: int) -> Callable[[float], float]:
    """A cost that is least somewhere on the axis and rises to both sides, on one of them more slowly."""
    rng = random.Random(seed)
    least, left, right = math.exp(rng.uniform(math.log(500), math.log(300_000))), rng.uniform(0.1, 0.4), 0.1
    return lambda batch: 1.0 + left * max(0.0, math.log(least / batch)) + right * max(0.0, math.log(batch / least))


@pytest.mark.parametrize(("noise", "between_processes", "least"), [(0.05, 0.0, 38), (0.10, 0.03, 32)])
def test_noise_of_single_measurements_is_seen_through(noise: float, between_processes: float, least: int) -> None:
    near = 0
    for seed in range(40):
        cost = valley(seed)
        subject = FakeSubject(seed, noise, cost, between_processes)
        found = best_first([BATCH], search([BATCH], START, subject, Budget.of(1), seed))[0]
        near += cost(float(found.parameters["batch_size"])) <= 1.05 * min(map(cost, GRID))
        assert subject.clock_s <= GRID_COST_S / 4
    assert near >= least


@pytest.mark.parametrize("seed", range(5))
def test_several_parameters_at_once(seed: int) -> None:
    axes = [BATCH, Axis("fast", options=(False, True)), Axis("kind", options=("a", "b", "c"))]
    factors: dict[Value, float] = {False: 1.3, True: 1.0, "a": 1.2, "b": 1.0, "c": 1.1}

    class Several(FakeSubject):
        @contextmanager
        def trial(self, parameters: Parameters) -> Iterator[Callable[[int], float]]:
            with super().trial(parameters) as measure:
                factor = math.log(factors[parameters["fast"]] * factors[parameters["kind"]])
                yield lambda effort: measure(effort) + factor

    start: dict[str, Value] = {**START, "fast": False, "kind": "a"}
    subject = Several(seed, 0.05)
    found = best_first(axes, search(axes, start, subject, Budget.of(3), seed))[0].parameters
    cost = true_cost(float(found["batch_size"])) * factors[found["fast"]] * factors[found["kind"]]
    assert cost <= 1.1 * min(map(true_cost, GRID))


def test_the_better_ones_are_measured_for_longer() -> None:
    budget = Budget()
    tried = search([BATCH], START, FakeSubject(1), budget, seed=1)
    assert sum(one.efforts.count(SHORT) for one in tried) == budget.trials
    assert sum(one.efforts.count(LONG) for one in tried) == budget.finals
    first = sorted(one.values[0] for one in tried if one.efforts[0] == SHORT)
    contended = [one.values[0] for one in tried if one.efforts[0] == SHORT and one.contended]
    assert all(value <= first[len(first) // 2] for value in contended)


def test_goes_on_where_it_was_cut_off() -> None:
    stored: list[Tried] = []

    class Cut(FakeSubject):
        @contextmanager
        def trial(self, parameters: Parameters) -> Iterator[Callable[[int], float]]:
            if len(self.asked) == 7:
                raise KeyboardInterrupt
            with super().trial(parameters) as measure:
                yield measure

    with pytest.raises(KeyboardInterrupt):
        search([BATCH], START, Cut(3), Budget(), 3, stored=stored.append)
    assert len(stored) == 7
    rest = FakeSubject(4)
    tried = search([BATCH], START, rest, Budget(), 3, known=stored)
    assert [one.parameters for one in tried[:7]] == [one.parameters for one in stored]
    assert [one.values[0] for one in tried[:7]] == [one.values[0] for one in stored]
    assert len(rest.asked) == 1 + Budget().finals
    again = FakeSubject(5)
    assert search([BATCH], START, again, Budget(), 3, known=tried) == tried
    assert not again.asked


def test_a_setting_that_fails_ends_its_own_trial_and_is_never_best() -> None:
    class Fragile(FakeSubject):
        @contextmanager
        def trial(self, parameters: Parameters) -> Iterator[Callable[[int], float]]:
            if float(parameters["batch_size"]) > 10_000:
                raise TrialFailed("out_of_memory: too large")
            with super().trial(parameters) as measure:
                yield measure

    tried = search([BATCH], START, Fragile(5), Budget(), seed=5)
    assert any(one.failure for one in tried)
    assert all(float(one.parameters["batch_size"]) <= 10_000 for one in best_first([BATCH], tried))


def test_a_small_space_is_tried_out_and_left() -> None:
    axes = [Axis("fast", options=(False, True)), Axis("size", low=16, high=48, step=16, whole=True)]

    class Counted(FakeSubject):
        @contextmanager
        def trial(self, parameters: Parameters) -> Iterator[Callable[[int], float]]:
            self.asked.append(parameters)
            yield lambda effort: -1.0 if parameters["fast"] else float(str(parameters["size"])) / 100

    subject = Counted(0)
    tried = search(axes, {"fast": False, "size": 16}, subject, Budget(trials=50), seed=0)
    assert len(tried) <= 5  # six settings, one of them the default
    assert len({tuple(one.parameters.items()) for one in tried}) == len(tried)
    assert best_first(axes, tried)[0].parameters["fast"] is True


def test_spread_points_share_no_stratum() -> None:
    axes = [BATCH, Axis("share", low=0.0, high=1.0), Axis("kind", options=("a", "b", "c"))]
    points = spread(axes, 9, seed=2)
    strata = [int(float(point["share"]) * 9) for point in points]
    assert sorted(strata) == list(range(9))
    assert {point["kind"] for point in points} == {"a", "b", "c"}
    logs = sorted(math.log(float(point["batch_size"]) / 64) / math.log(1_000_000 / 64) * 9 for point in points)
    assert all(high - low < 2.01 for low, high in itertools.pairwise(logs))


@pytest.mark.parametrize(
    ("declared", "default", "low", "high"),
    [
        ({"kind": "LogRange", "low": 64, "high": 1e6}, 8192, 64, 1_000_000),
        ({"kind": "LogRange", "low": 0.001, "high": 1.0}, 0.1, 0.001, 1.0),
        ({"kind": "IntRange", "low": 64, "high": 8192, "step": 16}, 256, 64, 8192),
        ({"kind": "Choice", "options": [False, True]}, True, False, True),
    ],
)
def test_axes_reach_from_end_to_end(declared: dict[str, object], default: Value, low: Value, high: Value) -> None:
    axis = Axis.of("x", declared, default)
    assert axis.at(0.0) == pytest.approx(low)
    assert axis.at(1.0) == pytest.approx(high)
    assert axis.at(axis.share_of(default)) == pytest.approx(default)
    assert type(axis.at(0.5)) is type(default)
    assert axis.distribution() is not None
