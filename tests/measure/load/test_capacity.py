"""Capacity on a side made of rules: what is sustained, what decides, what is kept as evidence."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.errors import UsageError
from harness.measure.load.capacity import fault_of, find_capacity, try_load
from harness.measure.load.latency import Load
from harness.measure.load.objective import Objective, objective_of
from harness.measure.load.schedule import Schedule
from harness.measure.load.stretch import Stretch
from harness.measure.machine.stalls import Stalls
from harness.statistics.backlog import Standing

OBJECTIVE = Objective(99.0, 0.1)
GOOD = Stretch(
    offered_per_s=1e6, seconds=3.0, readings=3_000_000, p50_s=0.001, p99_s=0.05, p999_s=0.06, max_s=0.08, missing=0,
    slip_p999_s=1e-5, slip_max_s=1e-4, standing=Standing(0.0, 0.0, 0.0), kept_up=True, overloaded=False,
    own_share=0.1, invalid=None, recording_ns=1.0, lines={"backlog": [0]}, facts={},
)  # fmt: skip
LATE = replace(GOOD, invalid="the generator itself was 5.00 ms late at p99.9", slip_p999_s=0.005)
DRIVEN = replace(GOOD, invalid="the generator cannot keep 9.00M/s: it took 80% of the time itself", kept_up=False)


class Ruled:
    """A side whose stretches follow from the load and from how many were taken before."""

    history_full = True

    def __init__(self, rule: Callable[[float, int], Stretch], warm_per_s: float = 2e6) -> None:
        self.rule = rule
        self.warm_per_s = warm_per_s
        self.loads: list[Load] = []

    def take(self, load: Load) -> Stretch:
        self.loads.append(load)
        return replace(
            self.rule(load.offered_per_s, len(self.loads)), offered_per_s=load.offered_per_s, seconds=load.seconds
        )

    def stalls(self) -> Stalls | None:
        return None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"p99_s": 0.1}, None),
        ({"p99_s": 0.1001}, "100 ms is above p99 within 100 ms"),
        ({"missing": 1}, "1 readings did not come back"),
        ({"overloaded": True}, "more readings waited than p99 within 100 ms allows"),
        ({"standing": Standing(0.0, 10_001.0, 0.0)}, "the backlog may grow by 10.0k/s"),
        ({"standing": Standing(0.0, 10_000.0, 1e9)}, None),
        ({"standing": None}, "too short to tell whether the backlog grows"),
        ({"p99_s": None}, "3,000,000 readings are too few for p99 within 100 ms"),
        ({"invalid": "the generator was late"}, "the generator was late"),
    ],
)
def test_what_counts_as_sustained(change: dict[str, Any], said: str | None) -> None:
    assert fault_of(replace(GOOD, **change), OBJECTIVE) == said


def test_a_percentile_that_is_not_known_fails_and_is_never_zero() -> None:
    few = replace(GOOD, p999_s=None, readings=9_999)
    assert "too few" in (fault_of(few, Objective(99.9, 10.0)) or "")


@pytest.mark.parametrize(
    ("bad", "sustained", "taken"),
    [
        (set(), True, 2),  # two of three have decided it
        ({1}, True, 3),
        ({2}, True, 3),
        ({1, 2}, False, 2),
        ({1, 3}, False, 3),
    ],
)
def test_two_thirds_decide_and_no_more_is_taken_than_that_needs(bad: set[int], sustained: bool, taken: int) -> None:
    side = Ruled(lambda _, number: replace(GOOD, p99_s=0.2) if number in bad else GOOD)
    step = try_load(side, 1e6, OBJECTIVE, 3.0, 3)
    assert step.sustained is sustained
    assert len(side.loads) == len(step.stretches) == taken


def test_a_stretch_in_which_the_generator_was_late_is_taken_again() -> None:
    side = Ruled(lambda _, number: LATE if number in {1, 3} else GOOD)
    step = try_load(side, 1e6, OBJECTIVE, 3.0, 3)
    assert step.sustained
    assert len(side.loads) == 4
    assert step.faults == (None, None)


@pytest.mark.parametrize("limit", [3.3e4, 1.0e6, 4.7e6, 6.1e7])
def test_the_capacity_is_within_five_percent(limit: float) -> None:
    side = Ruled(lambda offered, _: GOOD if offered <= limit else replace(GOOD, overloaded=True, missing=5))
    told: list[str] = []
    found = find_capacity(side, OBJECTIVE, told=told.append)
    assert found.per_s is not None
    assert limit / 1.05 <= found.per_s <= limit
    assert (found.slo_percentile, found.slo_s) == (99.0, 0.1)
    steps = found.details["steps"]
    assert all(step["sustained"] == (step["offered_per_s"] <= limit) for step in steps)
    assert len(steps) + len(found.details["ramp"]) == len(told)
    assert found.details["failed_per_s"] <= 1.05 * found.per_s
    assert found.details["limit"] == "more readings waited than p99 within 100 ms allows"
    assert not found.details["limited_by_generator"]
    assert all(load.objective == OBJECTIVE for load in side.loads)
    assert set(found.details["lines"]) == {"held", "failed"}


def test_nothing_sustained_is_no_capacity() -> None:
    found = find_capacity(Ruled(lambda *_: replace(GOOD, p99_s=0.3)), OBJECTIVE)
    assert found.per_s is None
    assert "above" in found.details["limit"]
    assert found.details["ramp"] == []


def test_a_generator_that_never_keeps_time_ends_the_search_at_once() -> None:
    side = Ruled(lambda *_: LATE)
    found = find_capacity(side, OBJECTIVE)
    assert found.per_s is None
    assert found.details["limited_by_generator"]
    assert len(found.details["steps"]) == 1


def test_a_driver_that_is_the_limit_is_named_as_such() -> None:
    found = find_capacity(Ruled(lambda offered, _: GOOD if offered <= 3e6 else DRIVEN), OBJECTIVE)
    assert found.per_s == pytest.approx(3e6, rel=0.05)
    assert found.details["limited_by_generator"]
    assert "cannot keep" in found.details["limit"]


def test_objectives_from_text() -> None:
    assert objective_of("p99.9 = 5 ms") == Objective(99.9, 0.005)
    assert objective_of("max=1s") == Objective(100.0, 1.0)
    for text in ("p98=1s", "p99", "p99:1s", "=1s", "p99=", "p99=0", "p99=-1ms", "p99=fast", "p99=100", "p99=1e400s"):
        if text == "p99=100":
            assert objective_of(text) == Objective(99.0, 100.0)  # seconds, as everywhere
            continue
        with pytest.raises(UsageError):
            objective_of(text)


def test_more_waiting_than_an_objective_allows_is_beyond_doubt() -> None:
    base_ns = np.array([0, 10, 20, 30, 1000, 1001, 1002, 1003, 1004, 1990], np.int64)
    schedule = Schedule(base_ns, 2000, 100)
    assert schedule.most_within(4) == 5
    assert schedule.most_within(40) == 5
    assert schedule.most_within(45) == 5  # 1990 of one pass to 30 of the next
    assert schedule.most_within(2000) == 11
    assert schedule.most_within(4004) == 25
    assert Objective(99.0, 4e-9).most_backlog(schedule) == 5 + 1
    assert Objective(100.0, 4e-9).most_backlog(schedule) == 5
