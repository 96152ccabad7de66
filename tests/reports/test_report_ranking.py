"""Ranks: only for the verified, only on the same readings, and never a tie sold as a win."""

from dataclasses import replace

import pytest
from report_run import bad, good, proof

from harness.results import Cell, Interval, Status
from reports.load import Run
from reports.ranking import rankings, why_unverified
from reports.text import DASH
from reports.verdict import sentence, verdicts


def speed(cell: Cell, median: float, low: float, high: float) -> Cell:
    """`cell` with another throughput and no pairs."""
    assert cell.throughput
    return replace(cell, throughput=replace(cell.throughput, per_s=Interval(median, low, high)), speed_up=None)


def names(cells: tuple[Cell, ...]) -> list[tuple[str, int | None]]:
    """Implementations with ranks, of the only ranking."""
    (ranking,) = rankings(cells)
    return [(place.cell.implementation, place.rank) for place in ranking.places]


def paired(name: str, per_s: float, ratio: tuple[float, float, float] | None, baseline: str = "naive") -> Cell:
    """A cell of that throughput, sure within 2%, and that speed-up, as pairs had it."""
    cell = good(name, "steady")
    assert cell.throughput
    versus = good("simd", "steady").speed_up
    assert versus
    return replace(
        cell,
        throughput=replace(cell.throughput, per_s=Interval(per_s, per_s * 0.98, per_s * 1.02)),
        speed_up=replace(versus, ratio=Interval(*ratio), baseline=baseline) if ratio else None,
    )


def ties(cells: tuple[Cell, ...]) -> list[tuple[str, str | None]]:
    """Implementations in the order of their ranks, with whom they are not told apart from."""
    (ranking,) = rankings(cells)
    return [(place.cell.implementation, place.tied_with) for place in ranking.ranked]


def test_pairs_and_not_minutes_decide_who_is_ahead() -> None:
    """As measured once: 115 and 112 million readings/s, but 308 and 345 times the baseline beside them."""
    naive = paired("naive", 0.303, None)
    ring, arena = paired("ring_buffer", 115, (308, 302, 314)), paired("cached", 112, (345, 339, 350))
    assert ties((naive, ring, arena)) == [("cached", None), ("ring_buffer", None), ("naive", None)]
    (ranking,) = rankings((naive, ring, arena))
    assert ranking.baseline == "naive"
    assert "speed-up over naive" in ranking.rule
    (verdict,) = verdicts(Run("r", {}, (naive, ring, arena), {}))
    assert (verdict.winner.cell.implementation, verdict.tied, verdict.outrun) == ("cached", (), ("ring_buffer",))


@pytest.mark.parametrize(
    ("ratio", "order"),
    [
        ((1.08, 1.05, 1.11), [("simd", None), ("naive", None)]),
        ((1.02, 0.97, 1.07), [("simd", None), ("naive", "simd")]),
        ((0.98, 0.93, 1.03), [("naive", None), ("simd", "naive")]),
        ((0.90, 0.87, 0.93), [("naive", None), ("simd", None)]),
    ],
)
def test_the_baseline_counts_as_exactly_one(
    ratio: tuple[float, float, float], order: list[tuple[str, str | None]]
) -> None:
    for per_s in (50.0, 100.0, 200.0):  # whatever its own throughput was in other minutes
        assert ties((paired("naive", 100.0, None), paired("simd", per_s, ratio))) == order


def test_without_a_common_baseline_the_throughput_decides() -> None:
    other = paired("cached", 90.0, (9.0, 8.9, 9.1), baseline="hash_indexed")
    (ranking,) = rankings((paired("naive", 10.0, None), paired("simd", 100.0, (2.0, 1.9, 2.1)), other))
    assert ranking.baseline is None
    assert ranking.rule == "the throughput"
    assert [place.cell.implementation for place in ranking.ranked] == ["simd", "cached", "naive"]


def test_an_order_that_the_pairs_contradict_is_marked() -> None:
    """By throughput, for one of three has another baseline: the two that share theirs came out the other way."""
    first, second = paired("simd", 100.0, (1.5, 1.4, 1.6)), paired("phased", 90.0, (2.0, 1.9, 2.1))
    assert ties((first, second, paired("cached", 10.0, (9.0, 8.9, 9.1), baseline="hash_indexed")))[:2] == [
        ("simd", None), ("phased", "simd"),
    ]  # fmt: skip


def test_order_is_by_speed() -> None:
    assert names((good("naive", "steady"), good("simd", "steady"), good("cached", "steady"))) == [
        ("simd", 1), ("cached", 2), ("naive", 3),
    ]  # fmt: skip


def test_only_the_verified_are_ranked() -> None:
    unproved = replace(good("simd", "steady"), proof=None)
    unchecked = replace(good("phased", "steady"), proof=replace(proof(), checks=()))
    stopped = replace(good("cached", "steady"), status=Status.TIMED_OUT, reason="stopped")
    untimed = replace(good("ring_buffer", "steady"), throughput=None, speed_up=None)
    cells = (unproved, unchecked, stopped, untimed, good("naive", "steady"))
    assert names(cells)[0] == ("naive", 1)
    assert {rank for _, rank in names(cells)[1:]} == {None}
    assert "no check was made" in (why_unverified(unproved) or "")
    assert why_unverified(stopped) == "ran out of time: stopped"


def test_another_size_has_no_rank_and_says_so() -> None:
    slow = replace(good("naive", "steady"), requested_size="medium", notes=("measured at small (medium: 28 min)",))
    quick = replace(good("simd", "steady"), size="medium", requested_size="medium", workload_digest="other")
    (ranking,) = rankings((slow, quick))
    assert [(place.rank, place.unranked) for place in ranking.places] == [
        (1, None), (None, "measured at small (medium: 28 min)"),
    ]  # fmt: skip


def test_other_readings_are_ranked_apart() -> None:
    other = replace(good("naive", "steady"), workload_digest="other")
    assert len(rankings((good("simd", "steady"), other))) == 2
    missing = bad("gpu_cupy", "steady", Status.UNAVAILABLE, "no GPU")
    assert len(rankings((missing, good("simd", "steady")))) == 1


def test_overlapping_neighbours_are_not_told_apart() -> None:
    first = speed(good("simd", "steady"), 100, 90, 110)
    second = speed(good("phased", "steady"), 95, 85, 105)
    third = speed(good("naive", "steady"), 50, 45, 55)
    (ranking,) = rankings((first, second, third))
    assert [place.tied_with for place in ranking.places] == [None, "simd", None]


def test_pairs_tell_apart_what_a_noisy_machine_blurs() -> None:
    def noisy(name: str, median: float, ratio: float) -> Cell:
        cell = good(name, "steady")
        assert cell.throughput
        assert cell.speed_up
        return replace(
            cell,
            throughput=replace(cell.throughput, per_s=Interval(median, 60, 140)),
            speed_up=replace(cell.speed_up, ratio=Interval(ratio, ratio * 0.99, ratio * 1.01)),
        )

    (ranking,) = rankings((noisy("simd", 100, 20), noisy("phased", 95, 18)))
    assert [place.tied_with for place in ranking.places] == [None, None]


def test_the_verdict_prefers_real_readings() -> None:
    run = Run("r", {}, (good("simd", "steady", 9.0), good("cached", "telemetry"), good("naive", "telemetry")), {})
    first = verdicts(run)[0]
    text = "".join(piece if isinstance(piece, str) else piece.text for piece in sentence(first))
    assert text == (
        f"Fastest verified on real input: cached, 262,000 readings/s (257,000{DASH}267,000),"
        f" 5.11 times naive (5.01{DASH}5.21), on telemetry at small."
    )


def test_without_real_readings_the_verdict_says_so() -> None:
    run = Run("r", {}, (good("simd", "steady"),), {})
    assert "no real input" in str(sentence(verdicts(run)[0]))
    assert verdicts(Run("r", {}, (bad("x", "steady", Status.FAILED, None),), {})) == ()
