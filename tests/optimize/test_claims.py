"""The study's claims, judged by whole intervals."""

import math
from dataclasses import replace

import pytest
from decision_cells import DICT, NAIVE, SIMD, run_of

from harness.results import Cell, Interval, Latency
from reports.claim import Claim, Outcome, Subject, judge, rate
from reports.claims import claims
from reports.content import Headline, Paragraph
from reports.sections import claims as claims_section


@pytest.mark.parametrize(
    ("claimed", "low", "high", "more", "outcome"),
    [
        (12, 11, 13, True, Outcome.HELD),
        (12, 11.4, 11.6, True, Outcome.HELD),
        (12, 11, 50, True, Outcome.HELD),
        (12, 12.5, 12.9, True, Outcome.HELD),
        (12, 13.5, 14, True, Outcome.EXCEEDED),
        (12, 9, 10.7, True, Outcome.MISSED),
        (12, 0.5, 18, True, Outcome.INCONCLUSIVE),
        (12, 10.7, 11, True, Outcome.INCONCLUSIVE),
        (12, 10, 14, True, Outcome.INCONCLUSIVE),
        (12, 0, math.inf, True, Outcome.INCONCLUSIVE),
        (0.05, 0.01, 0.02, False, Outcome.EXCEEDED),
        (0.05, 0.01, 0.054, False, Outcome.HELD),
        (0.05, 0.01, 0.056, False, Outcome.INCONCLUSIVE),
        (0.05, 0.06, 0.07, False, Outcome.MISSED),
        (0.05, 0.051, 0.051, False, Outcome.HELD),
        (-0.2, -0.21, -0.19, True, Outcome.HELD),
        (-0.2, -0.3, -0.25, True, Outcome.MISSED),
    ],
)
def test_claims_are_judged_by_the_whole_interval(
    claimed: float, low: float, high: float, more: bool, outcome: Outcome
) -> None:
    assert judge(claimed, Interval((low + high) / 2, low, high), more_is_better=more) is outcome


def test_a_wider_interval_never_decides_what_a_narrower_one_does_not() -> None:
    for middle in (9.0, 10.5, 10.9, 12.0, 13.0, 13.3, 20.0):
        outcomes = [
            judge(12, Interval(middle, middle - half, middle + half), more_is_better=True) for half in (0, 0.3, 2, 9)
        ]
        assert outcomes[-1] is Outcome.INCONCLUSIVE or middle - 9 > 10.8
        first = next((at for at, one in enumerate(outcomes) if one is Outcome.INCONCLUSIVE), len(outcomes))
        assert set(outcomes[first:]) <= {Outcome.INCONCLUSIVE}


def test_an_inconclusive_claim_is_shown_as_one() -> None:
    row = Subject("approaches", "SIMD and GPU").made("throughput", 3e6, Interval(3e6, 1e5, 9e6), rate, "simd on steady")
    assert row.outcome is Outcome.INCONCLUSIVE
    assert SIMD.speed_up
    wide = replace(SIMD.speed_up, ratio=Interval(30.0, 1.0, 900.0))
    section = claims_section.build(run_of(NAIVE, DICT, replace(SIMD, speed_up=wide)))
    assert section is not None
    headline, about = section.blocks[:2]
    assert isinstance(headline, Headline)
    assert "1 inconclusive" in str(headline)
    assert isinstance(about, Paragraph)
    assert "by more than 10%" in str(about)


def latency_of(found: Cell) -> Claim:
    """The latency claimed of the first thought, 500 ms at 500 k/s, beside `found`."""
    (one,) = (
        claim
        for claim in claims(run_of(NAIVE, replace(found, approach="caching and batching")))
        if (claim.subject, claim.figure) == ("caching and batching", "latency")
    )
    return one


def test_a_latency_at_a_heavier_load_says_nothing_against_a_claim() -> None:
    def under(per_s: float, p99_s: float, kept_up: bool = True) -> Claim:
        return latency_of(replace(DICT, latency=Latency(per_s, 0.001, p99_s, None, 1.0, kept_up)))

    assert "estimated" in under(1e6, 0.9).why
    assert "estimated" in under(1e6, 0.9, kept_up=False).why
    assert "p99 at 1.00 M/s" in under(1e6, 0.02).why
    assert under(0.5e6, 0.9).outcome is Outcome.MISSED
    assert under(0.5e6, 0.9, kept_up=False).measured == "grows without end"


def test_every_claim_has_a_row_and_an_outcome() -> None:
    found = claims(run_of(NAIVE, DICT, SIMD))
    by = {(one.group, one.subject, one.figure): one for one in found}
    assert len(by) == len(found)
    assert by["approaches", "algorithm and data structures", "speed-up"].outcome is Outcome.HELD
    assert by["approaches", "SIMD and GPU", "speed-up"].outcome is Outcome.EXCEEDED
    assert by["approaches", "SIMD and GPU", "memory"].measured == "-80.0%"
    assert by["approaches", "memory pool", "speed-up"].outcome is Outcome.NOT_TESTABLE
    for one in found:
        assert one.why
        assert bool(one.measured) or one.outcome is Outcome.NOT_TESTABLE
    assert {one.subject for one in found if one.group == "phases"} == {"before", "phase 1", "phase 2", "phase 3"}
