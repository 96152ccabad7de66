"""What a decision rests on: a bound is no measurement, and nothing is certain without an interval that says so."""

from dataclasses import replace

import pytest
from decision_cells import DICT, SIMD, WANTED, cell, run_of

from harness.results import Capacity, Cell, Latency, Memory
from reports.decision import Candidate, decide, how_sure, why_recommended
from reports.margin import Margin, Requirement, margin_words
from reports.text import DASH

LIMIT_S = 0.1


def latency(*p99_s: float, per_s: float = 1e6, behind: int = 0) -> Latency:
    """So many repetitions with these p99, of which the last `behind` fell behind."""
    last = len(p99_s) - behind
    taken = [{"p99_s": one, "invalid": None, "kept_up": number < last} for number, one in enumerate(p99_s)]
    median_s = sorted(p99_s)[len(p99_s) // 2]
    return Latency(per_s, 0.001, median_s, None, 0.2, 3 * behind <= len(p99_s), True, {"repetitions": taken})


def p99_of(under_test: Cell, per_s: float) -> Margin:
    decision = decide(run_of(under_test), Requirement(per_s, LIMIT_S))
    return next(margin for margin in (*decision.meeting, *decision.failing)[0].margins if margin.what == "p99")


def rate_of(under_test: Cell, per_s: float, p99_s: float | None = LIMIT_S) -> Margin:
    decision = decide(run_of(under_test), Requirement(per_s, p99_s))
    return next(margin for margin in (*decision.meeting, *decision.failing)[0].margins if margin.what == "rate")


def only(*cells: Cell, wanted: Requirement = WANTED) -> Candidate:
    decision = decide(run_of(*cells), wanted)
    (one,) = (*decision.meeting, *decision.failing)
    return one


@pytest.mark.parametrize(
    ("found", "per_s", "basis"),
    [
        (latency(0.9, 0.9, 0.9, behind=3), 1e4, "estimate"),
        (latency(0.3), 1e4, "estimate"),
        (latency(0.02), 1e4, "latency at 1.00 M/s"),
        (latency(0.3), 0.96e6, "latency at 1.00 M/s"),
        (latency(0.02), 1.04e6, "latency at 1.00 M/s"),
        (latency(0.02, per_s=1e4), 1e6, "estimate"),
        (latency(0.9, behind=1, per_s=1e4), 1e6, "latency at 10.0 k/s"),
    ],
)
def test_a_latency_at_another_load_counts_only_as_the_bound_that_it_is(
    found: Latency, per_s: float, basis: str
) -> None:
    margin = p99_of(replace(SIMD, latency=found), per_s)
    assert margin.basis.startswith(basis)


def test_what_fell_behind_at_a_heavier_load_may_meet_a_lighter_one() -> None:
    behind = replace(DICT, latency=latency(0.9, behind=1))
    assert p99_of(behind, 1e4).shown != "fell behind"
    assert p99_of(replace(behind, service=None), 1e4).shown == "not measured"
    assert p99_of(behind, 1e6).shown == "fell behind"


def test_a_bound_meets_it_but_not_certainly() -> None:
    """What waits for a batch to fill waits longer at a lighter load."""
    margin = p99_of(replace(SIMD, latency=latency(*[0.02] * 6)), 1e4)
    assert margin.met
    assert not margin.certain
    assert "a lighter load is quicker, except" in margin.basis


@pytest.mark.parametrize(
    ("found", "certain"),
    [
        (latency(0.08), False),
        (latency(*[0.08] * 5), False),
        (latency(0.07, 0.07, 0.08, 0.08, 0.08, 0.09), True),
        (latency(0.07, 0.07, 0.08, 0.08, 0.08, 0.12), False),
        (latency(*[0.08] * 6, behind=1), False),
        (latency(*[0.2] * 6), True),
        (latency(0.9, behind=1), False),
        (latency(*[0.9] * 6, behind=5), False),
        (latency(*[0.9] * 6, behind=6), True),
    ],
)
def test_a_latency_is_certain_if_six_repetitions_agree(found: Latency, certain: bool) -> None:
    assert p99_of(replace(SIMD, latency=found), 1e6).certain is certain


def test_too_few_repetitions_are_said() -> None:
    margin = p99_of(replace(SIMD, latency=latency(0.07, 0.08, 0.12)), 1e6)
    assert margin.between == pytest.approx((0.1 / 0.12, 0.1 / 0.07))
    assert margin.basis == "latency at 1.00 M/s, 3 repetitions, 6 are needed to be certain"


def test_what_falls_behind_by_the_median_alone_is_not_certain() -> None:
    assert not p99_of(cell("simd", 0.98e6), 1e6).certain
    assert p99_of(cell("simd", 0.5e6), 1e6).certain


def test_an_interval_across_the_requirement_is_not_certain() -> None:
    decision = decide(run_of(cell("simd", 1.02e6)), Requirement(per_s=1e6))
    assert decision.meeting
    assert not decision.meeting[0].certain


def test_it_is_certain_only_if_it_is_on_every_workload() -> None:
    steady = cell("simd", 1.2e6)
    dirty = cell("simd", 1.3e6, workload="dirty")
    assert dirty.throughput
    wide = replace(dirty.throughput.per_s, low=0.9e6)
    unsure = replace(dirty, throughput=replace(dirty.throughput, per_s=wide))
    assert only(steady, dirty, wanted=Requirement(1e6)).certain
    one = only(steady, unsure, wanted=Requirement(1e6))
    assert one.meets
    assert not one.certain
    assert one.margins[0].workload == "steady"
    assert one.margins[0].basis.endswith("; not certain on dirty")
    short = only(cell("simd", 0.9e6), unsure, wanted=Requirement(1e6))
    assert not short.meets
    assert short.margins[0].certain


@pytest.mark.parametrize(
    ("capacity", "p99_s", "basis", "factor", "certain"),
    [
        (Capacity(1.5e6, 99.0, 0.1, {"failed_per_s": 1.57e6}), 0.1, "capacity", 1.5, True),
        (Capacity(0.9e6, 99.0, 0.1, {"failed_per_s": 0.94e6}), 0.1, "capacity", 0.9, False),
        (Capacity(0.97e6, 99.0, 0.1, {"failed_per_s": 1.01e6}), 0.1, "capacity", 0.97, False),
        (Capacity(1.5e6, 99.0, 0.01), 0.1, "capacity", 1.5, True),
        (Capacity(1.5e6, 99.9, 0.1), 0.1, "capacity", 1.5, True),
        (Capacity(1.5e6, 99.0, 0.01), None, "capacity", 1.5, True),
        (Capacity(0.3e6, 99.0, 0.01), 0.1, "throughput", 2.0, False),
        (Capacity(0.3e6, 99.9, 0.1), 0.1, "throughput", 2.0, False),
        (Capacity(0.3e6, 99.0, 0.01), None, "throughput", 2.0, False),
        (Capacity(1.5e6, 99.0, 1.0), 0.1, "throughput", 2.0, False),
        (Capacity(1.5e6, 50.0, 0.1), 0.1, "throughput", 2.0, False),
        (Capacity(0.9e6, 99.0, 0.1, {"limited_by_generator": True}), 0.1, "throughput", 2.0, False),
        (Capacity(1.5e6, 99.0, 0.1, {"limited_by_generator": True}), 0.1, "capacity", 1.5, True),
        (Capacity(None, 99.0, 0.1, {"failed_per_s": 4e3}), 0.1, "capacity", 0.004, False),
        (Capacity(None, 99.0, 0.1, {"failed_per_s": 4e6}), 0.1, "throughput", 2.0, False),
        (Capacity(None, 99.0, 0.01, {"failed_per_s": 4e3}), 0.1, "throughput", 2.0, False),
    ],
)
def test_a_capacity_within_another_objective_counts_only_as_the_bound_that_it_is(
    capacity: Capacity, p99_s: float | None, basis: str, factor: float, certain: bool
) -> None:
    margin = rate_of(replace(cell("simd", 2e6), capacity=capacity), 1e6, p99_s)
    assert margin.basis.startswith(basis)
    assert margin.certain is certain
    assert margin.factor == pytest.approx(factor)


def test_the_bracket_of_a_capacity_is_shown() -> None:
    capacity = Capacity(0.97e6, 99.0, 0.1, {"failed_per_s": 1.01e6})
    margin = rate_of(replace(cell("simd", 2e6), capacity=capacity), 1e6)
    assert margin.between == pytest.approx((0.97, 1.01))
    assert margin_words(margin) == f"rate 970 k/s, short by a factor of 1.03 (0.990{DASH}1.03)"


@pytest.mark.parametrize(
    ("share", "met", "certain"), [(0.85, True, True), (0.95, True, False), (1.05, False, False), (1.15, False, True)]
)
def test_memory_of_one_process_is_certain_with_a_tenth_to_spare(share: float, met: bool, certain: bool) -> None:
    held = replace(SIMD, memory=Memory(round(share * 5e7), round(share * 5e7)))
    (margin,) = only(held, wanted=Requirement(memory_bytes=1e8)).margins
    assert (margin.met, margin.certain) == (met, certain)


def test_it_is_said_what_is_certain() -> None:
    sure = replace(SIMD, latency=latency(*[0.02] * 6))
    decision = decide(run_of(sure, DICT), WANTED)
    assert decision.recommended is not None
    assert decision.recommended.implementation == "simd"
    assert why_recommended(decision, decision.recommended) == "the simplest of 1 that surely meet it"
    assert how_sure(decision.recommended) == "each whole interval meets it, memory with 10% to spare"
    unsure = decide(run_of(SIMD, DICT), WANTED)
    assert unsure.recommended is not None
    assert why_recommended(unsure, unsure.recommended) == "the simplest of 2 that meet it"
    assert how_sure(unsure.recommended) == "not everything is certain, see the basis of each figure"
