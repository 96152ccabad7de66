"""What was taken becomes a throughput: by fresh process, and not steady where warm-ups or samples still trended."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness.discovery import Entry
from harness.measure.processes.handle import Limits
from harness.measure.speed.effort import EFFORTS
from harness.measure.speed.live import WarmUp
from harness.measure.speed.pairing import Sample
from harness.measure.speed.throughput import Account, Taken, throughput_of
from harness.results import Cell, CheckResult, Level, Proof, Status, Throughput, from_builtins, to_builtins
from harness.run import cell as cells
from harness.statistics import per_second

FLAT = tuple(np.exp(np.random.default_rng(11).normal(0, 0.01, 60)).tolist())
HALVING = tuple((np.linspace(2, 1, 60) * np.array(FLAT)).tolist())


def warm_up(per_reading_ns: tuple[float, ...] = FLAT) -> WarmUp:
    return WarmUp(0.0, 0.0, 1.0, 60, True, per_reading_ns, {})


def samples(*per_reading_ns: float) -> list[Sample]:
    return [Sample(round(value * 100_000), 100_000) for value in per_reading_ns]


def taken(*rows: tuple[float, ...], halving: int = 0) -> Taken:
    """Samples of fresh processes, of which the first `halving` had warm-ups that trended."""
    found = Taken()
    for number, row in enumerate(rows):
        found.add(samples(*row), warm_up(HALVING if number < halving else FLAT), 1)
    return found


def test_the_interval_is_that_of_the_processes() -> None:
    rows = (10.0, 10.1), (11.0, 11.2), (10.4, 10.3)
    found = throughput_of(taken(*rows))
    expected = per_second(rows)
    assert (found.per_s.median, found.per_s.low, found.per_s.high) == pytest.approx(
        (expected.estimate, expected.low, expected.high)
    )
    assert found.ns_by_process == rows
    assert found.sample_ns_per_reading == (10.0, 10.1, 11.0, 11.2, 10.4, 10.3)
    assert (found.samples, found.pairs) == (6, 3)


def test_a_process_that_stays_for_several_pairs_is_one() -> None:
    kept = [warm_up() for _ in range(3)]
    found = Taken()
    for _candidate in range(5):
        for process, ns in zip(kept, (10.0, 11.0, 12.0), strict=True):
            found.add(samples(ns, ns), process, 1)
    throughput = throughput_of(found)
    assert (found.processes, throughput.pairs, throughput.samples) == (3, 15, 30)
    assert throughput.ns_by_process == ((10.0,) * 10, (11.0,) * 10, (12.0,) * 10)
    assert throughput.per_s == throughput_of(taken((10.0,), (11.0,), (12.0,))).per_s


def test_stores_of_before_are_split_pair_by_pair() -> None:
    stored = to_builtins(throughput_of(taken((10.0, 10.1), (11.0, 11.1), (12.0, 12.1))))
    del stored["sample_process"], stored["trend"]
    found = from_builtins(stored, Throughput)
    assert found.ns_by_process == ((10.0, 10.1), (11.0, 11.1), (12.0, 12.1))
    assert replace(found, pairs=4).ns_by_process == (), "six samples are not those of four equal pairs"
    assert replace(found, sample_ns_per_reading=()).ns_by_process == ()


STEADY_ROW = (10.0, 10.1, 9.9, 10.05, 9.95, 10.0, 10.1, 9.9)


@pytest.mark.parametrize(("halving", "steady"), [(0, True), (1, True), (2, False), (6, False)])
def test_two_warm_ups_that_trend_are_no_chance(halving: int, steady: bool) -> None:
    found = throughput_of(taken(*[STEADY_ROW] * 6, halving=halving))
    assert found.steady is steady
    assert found.trend == (None if steady else f"{halving} of 6 warm-ups still trended over their last half")


def test_samples_that_drift_in_their_processes_are_not_steady() -> None:
    drifting = tuple(10 * (1 + 0.3 * place / 7) for place in range(8))
    found = throughput_of(taken(*[drifting] * 6))
    assert found.steady is False
    assert found.trend == "samples became 29.9% slower within their processes"


def test_too_little_of_both_says_nothing() -> None:
    found = Taken()
    for _ in range(3):
        found.add(samples(10.0), warm_up((1.0, 1.0)), 1)
    assert throughput_of(found).steady is None


@pytest.mark.parametrize(("left", "more"), [(0, True), (1, True), (3, False)])
def test_a_baseline_of_whom_too_few_processes_were_left_is_timed_alone(
    left: int, more: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A candidate that failed in its first pair leaves the baseline with one process, which is no interval."""

    class Duel:
        def __init__(self, stream: object, *_: object) -> None:
            self.stream = stream

        def alone(self, _entry: Entry, _cpus: object, into: Taken, _account: Account) -> None:
            for _ in range(3):
                into.add(samples(10.0, 10.0), warm_up(), 1)

    monkeypatch.setattr(cells, "Duel", Duel)
    entry = Entry("processors", "naive", "module:implementations.processors.naive")
    inputs: Any = SimpleNamespace(fill_readings=lambda _: 1, workload=lambda text: (text, None))
    maker = cells.CellMaker(inputs, EFFORTS[Level.QUICK], Limits(), 1, (), ("throughput",), 1)
    monkeypatch.setattr(maker, "_under_roof", lambda throughput, *_: throughput)
    group = cells.Group("steady", "small")
    group.taken[entry.label, "small"] = taken(*[(10.0, 10.0)] * left)
    proof = Proof((CheckResult("values"),), 1000, 0.1)
    stream = SimpleNamespace(size=SimpleNamespace(name="small", batch=10), digest="d")
    proved: Any = SimpleNamespace(stream=stream, described={"threads": "one"}, proof=proof)
    bare = Cell(entry.label, "steady", "small", "small", "d", 1, Status.OK, None, proof=proof)
    monkeypatch.setattr(cells, "service_of", lambda *_: None)
    made = maker._timed(group, entry, bare, proved, Account(), lambda _: None)
    assert made.throughput is not None
    assert made.throughput.samples == 2 * (left + 3 * more)
