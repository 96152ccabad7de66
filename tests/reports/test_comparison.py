"""Two stored runs compared: regressions, what is not certain, and what must not be compared."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.errors import UnlikeError
from harness.results import Cell, CheckResult, Interval, Level, Memory, Proof, SpeedUp, Status, Throughput
from harness.statistics.intervals import bootstrap_interval
from harness.statistics.unpaired import bootstrap_difference
from reports.change import Change
from reports.comparison import Comparison, compare_runs
from reports.comparison_text import comparison_json, comparison_markdown
from reports.load import Run

NOISE = (-0.004, 0.002, 0.001, -0.001, 0.003, -0.002)
BASELINE_NS = 200.0


def throughput(logs: Sequence[float]) -> Throughput:
    """Two samples a process, of which `logs` are the logarithms of the times per reading."""
    times = tuple(math.exp(log) * factor for log in logs for factor in (0.999, 1.001))
    return Throughput(
        Interval(1e8, 0.9e8, 1.1e8), len(times), len(logs), 1000, 1, 0.3, 3, True, True, times,
        sample_process=tuple(number for number in range(len(logs)) for _ in range(2)),
    )  # fmt: skip


def cell(
    effect: float = -3.0,
    noise: float = 1.0,
    baseline: float = 0.0,
    values: Sequence[float] = NOISE,
    **changes: Any,
) -> Cell:
    """A candidate with these effects of its pairs, beside a baseline that takes exp(`baseline`) times 200 ns."""
    effects = tuple(effect + noise * value for value in values)
    ratio = math.exp(-effect)
    made = Cell(
        "quick", "steady", "small", "small", "d" * 64, 1, Status.OK, None,
        proof=Proof((CheckResult("values_calibrated"),), 1000, 0.1),
        throughput=throughput([math.log(BASELINE_NS) + baseline + one for one in effects]),
        speed_up=SpeedUp(Interval(ratio, ratio, ratio), "naive", effects, 0.99, "faster", 0.01, Level.DEFAULT),
        memory=Memory(peak_bytes=10 << 20),
    )  # fmt: skip
    return replace(made, **changes)


def naive(baseline: float = 0.0, values: Sequence[float] = NOISE) -> Cell:
    """The baseline's own cell."""
    logs = [math.log(BASELINE_NS) + baseline + value for value in values]
    return cell(implementation="naive", throughput=throughput(logs), speed_up=None)


def compared(before: Cell | tuple[Cell, ...], after: Cell | tuple[Cell, ...], **options: Any) -> Comparison:
    sides = [(one,) if isinstance(one, Cell) else one for one in (before, after)]
    runs = Run("before", {}, sides[0], {}), Run("after", {}, sides[1], {})
    return compare_runs(*runs, options.pop("threshold", 0.05), options.pop("differences", ()), **options)


def only(comparison: Comparison, implementation: str = "quick") -> Change:
    """The row of one implementation."""
    (change,) = (one for one in comparison.changes if one.key[0] == implementation)
    return change


@pytest.mark.parametrize(
    ("slower", "noise", "verdict"),
    [
        (0.00, 1.0, "no regression"),
        (0.03, 1.0, "no regression"),
        (0.10, 1.0, "regression"),
        (0.10, 20.0, "inconclusive"),
        (-0.20, 1.0, "improvement"),
    ],
)
@pytest.mark.parametrize("with_baseline", [False, True])
def test_verdict_follows_the_interval(slower: float, noise: float, verdict: str, with_baseline: bool) -> None:
    also = (naive(),) if with_baseline else ()
    comparison = compared((cell(), *also), (cell(-3.0 + math.log1p(slower), noise), *also))
    assert only(comparison).verdict == verdict
    assert comparison.is_bad == (verdict == "regression")
    assert only(comparison).relative_to == "naive"


@pytest.mark.parametrize("with_baseline", [False, True])
@pytest.mark.parametrize(("moved", "words"), [(-0.1, "-9.5%"), (0.1, "+10.5%")])
def test_a_baseline_that_changed_makes_no_regression_and_no_improvement(
    moved: float, words: str, with_baseline: bool
) -> None:
    """The candidate took as long as before; the baseline's time is known by its own cell, or beside the candidate."""
    before = (cell(), naive())[: 1 + with_baseline]
    after = (cell(-3.0 - moved, baseline=moved), naive(moved))[: 1 + with_baseline]
    comparison = compared(before, after)
    change = only(comparison)
    assert (change.verdict, comparison.is_bad) == ("inconclusive", False)
    assert change.reason.startswith(f"baseline changed: naive beside it {words}")
    assert "it by itself +0.0%" in change.reason
    assert change.absolute is not None
    assert change.absolute.estimate == pytest.approx(0, abs=1e-6)
    (found,) = comparison.baselines
    assert (found.key, found.beyond) == (("naive", "steady", "small"), "slower" if moved > 0 else "faster")


def test_a_baseline_that_became_slower_is_no_excuse_for_what_became_slower_yet() -> None:
    comparison = compared((cell(), naive()), (cell(-2.9, baseline=0.1), naive(0.1)))
    assert only(comparison).verdict == "regression"


def test_the_minutes_of_its_own_pairs_decide_what_a_baseline_did_and_its_cell_where_they_are_not_known() -> None:
    """A baseline's own cell is of other minutes than its pairs, and on a loud machine of another speed."""
    loud = compared((cell(), naive()), (cell(-2.9), naive(-0.3)))
    assert only(loud).verdict == "regression"
    assert loud.baselines[0].slowdown.estimate == pytest.approx(0)
    kept = [
        replace(one, throughput=replace(throughput(NOISE), sample_ns_per_reading=())) for one in (cell(), cell(-2.9))
    ]
    unknown = compared((kept[0], naive()), (kept[1], naive(-0.1)))
    assert only(unknown).verdict == "inconclusive"
    assert only(unknown).reason.endswith("it by itself is not known")
    assert only(compared(*kept)).verdict == "regression", "nothing is known of the baseline"


def test_a_baseline_s_process_that_stays_for_all_candidates_counts_once() -> None:
    names = [f"quick{number}" for number in range(5)]
    before, after = (tuple(cell(implementation=name, baseline=moved) for name in names) for moved in (0.0, 0.1))
    (alone,), (together,) = (compared(before[:many], after[:many]).baselines for many in (1, 5))
    assert together.slowdown.confidence > alone.slowdown.confidence
    assert together.slowdown.half_width > alone.slowdown.half_width


def test_what_slows_all_down_alike_is_said_in_the_head() -> None:
    comparison = compared((cell(), naive()), (cell(baseline=0.2), naive(0.2)))
    assert only(comparison).verdict == "no regression"
    head = comparison_markdown(comparison).partition("| |")[0]
    assert "naive on steady at small +22.1% (" in head
    assert "> ⚠️ naive on steady at small itself became slower by more than the threshold" in head


def test_the_head_says_what_a_baseline_did_also_where_it_stayed() -> None:
    head = comparison_markdown(compared((cell(), naive()), (cell(baseline=0.01), naive(0.01)))).partition("| |")[0]
    assert "Baselines by themselves, in two sessions: naive on steady at small +1.0% (" in head
    assert "⚠️" not in head


@pytest.mark.parametrize("moved", [0.0, 0.3, -0.3])
def test_two_sessions_alone_decide_nothing(moved: float) -> None:
    """Neither for a baseline itself nor for what had another one in either run."""
    other = cell(speed_up=None)
    for comparison in (
        compared(naive(), naive(moved)),
        compared(other, replace(other, throughput=naive(moved).throughput)),
        compared(cell(), cell(speed_up=replace(_versus(cell()), baseline="hash_indexed"))),
    ):
        (change,) = comparison.changes
        assert (change.verdict, change.relative_to, comparison.is_bad) == ("inconclusive", None, False)
        assert "two sessions, not taken in turns" in change.reason
        assert change.slowdown is not None


def test_sessions_that_differ_call_identical_code_no_regression() -> None:
    rng = np.random.default_rng(3)

    def run() -> tuple[Cell, Cell]:
        session, pairs = rng.normal(0, 0.05), rng.normal(0, 0.01, (2, 6))
        return cell(values=pairs[0].tolist(), baseline=session), naive(session, values=pairs[1].tolist())

    found = [compared(run(), run()) for _ in range(200)]
    assert not any(comparison.is_bad for comparison in found)
    decided = sum(only(comparison).verdict == "no regression" for comparison in found)
    assert decided >= 190, "the pairs say so all the same"


def _versus(of: Cell) -> SpeedUp:
    assert of.speed_up
    return of.speed_up


@pytest.mark.parametrize(("first", "second"), [(3, 3), (6, 5), (5, 12)])
def test_fewer_than_six_pairs_on_a_side_give_an_interval_and_no_verdict(first: int, second: int) -> None:
    comparison = compared(cell(values=NOISE * 2), cell(-2.0, values=NOISE[:second]))
    few = compared(cell(values=NOISE[:first]), cell(-2.0, values=(NOISE * 2)[:second]))
    change = only(few)
    assert (change.verdict, few.is_bad) == ("inconclusive", False)
    assert change.reason == f"{first} and {second} pairs; a verdict needs 6 in each run"
    assert change.slowdown is not None
    assert change.slowdown.confidence == 0.95
    assert "each at 95%" in comparison_markdown(few)
    assert comparison.is_bad == (second >= 6)


def test_one_pair_is_no_interval() -> None:
    assert only(compared(cell(), cell(values=NOISE[:1]))).verdict == "not comparable"


def test_single_pairs_that_carry_the_interval_decide_nothing() -> None:
    """Student's interval keeps just clear of the threshold; the pair that was not slower does not."""
    carried = (0.001,) * 5 + (-0.005,)
    slower = cell(-3.0 + math.log1p(0.05) + 0.0045, values=carried)
    change = only(compared(cell(values=(0.0,) * 6), slower))
    assert change.slowdown is not None
    assert change.slowdown.low > math.log1p(0.05)
    assert change.verdict == "inconclusive"
    assert change.reason == "the interval says regression, the bootstrap does not: single pairs carry it"


def test_the_bootstrap_s_difference_is_that_of_its_two_intervals() -> None:
    before, after = [0.1, 0.2, 0.4, 0.2, 0.1, 0.3], [0.5, 0.6, 0.9, 0.4, 0.6, 0.5]
    found, alone = bootstrap_difference(before, after), bootstrap_interval(after)
    assert found.low < np.mean(after) - np.mean(before) < found.high
    from_constant = bootstrap_difference([0.1] * 6, after)
    assert (from_constant.low, from_constant.high) == pytest.approx((alone.low - 0.1, alone.high - 0.1))
    back = bootstrap_difference(after, before)
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize("speed", [-3.0, -2.8])
def test_memory_that_grew_is_a_regression(speed: float) -> None:
    change = only(compared(cell(), cell(speed, memory=Memory(peak_bytes=12 << 20))))
    assert change.verdict == "regression"
    assert change.reason.startswith("peak memory grew by 20%, 2.00 MiB (one weighing on each side); speed: ")


@pytest.mark.parametrize(
    ("before", "after", "grown"),
    [
        (10 << 20, (11 << 20) + 1, True),
        (10 << 20, 11 << 20, False),
        (1 << 20, 2 << 20, False),
        (100 << 20, 104 << 20, False),
        (0, 2 << 20, True),
        (12 << 20, 10 << 20, False),
    ],
)
def test_memory_counts_beyond_the_threshold_and_beyond_chance(before: int, after: int, grown: bool) -> None:
    sides = [cell(memory=Memory(peak_bytes=peak)) for peak in (before, after)]
    assert compared(*sides).is_bad == grown


def test_memory_that_is_no_longer_weighed_is_said() -> None:
    comparison = compared(cell(), cell(memory=Memory(peak_bytes=None)))
    assert only(comparison).verdict == "no regression"
    assert only(comparison).reason.endswith("memory: weighed in A, not in B")
    assert "10.0 MiB → not weighed" in comparison_markdown(comparison)
    assert only(compared(cell(memory=None), cell())).reason == "not slower by 0.05"
    assert only(compared(cell(memory=None), cell(memory=None))).memory is None


def test_what_broke_is_bad() -> None:
    broken = cell(status=Status.WRONG, reason="moved by 4 ULP", throughput=None, speed_up=None)
    comparison = compared(cell(), broken)
    assert comparison.changes[0].verdict == "broken"
    assert comparison.is_bad
    assert compared(broken, cell()).changes[0].verdict == "mended"


def test_unlike_machines_and_inputs_are_refused_unless_allowed() -> None:
    with pytest.raises(UnlikeError, match="another CPU"):
        compared(cell(), cell(), differences=("another CPU",))
    with pytest.raises(UnlikeError, match="other readings"):
        compared(cell(), cell(workload_digest="e" * 64))
    allowed = compared(cell(), cell(), differences=("another CPU",), allow_unlike=True)
    assert "another CPU" in comparison_markdown(allowed)


def test_other_sizes_are_no_common_cell() -> None:
    with pytest.raises(UnlikeError, match="no cell in common"):
        compared(cell(), cell(size="medium"))


def test_markdown_is_a_table_without_markup_from_names() -> None:
    named = cell(implementation="<b>|x", speed_up=replace(_versus(cell()), baseline="<i>|y"))
    text = comparison_markdown(compared(named, replace(named, memory=None)))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1
    assert "<b>" not in text
    assert "<i>" not in text


def test_json_holds_every_change_and_what_the_baselines_did() -> None:
    after = (cell(-3.0, baseline=0.2, memory=None), naive(0.2))
    document = json.loads(json.dumps(comparison_json(compared((cell(), naive()), after)), allow_nan=False))
    assert [change["verdict"] for change in document["changes"]] == ["no regression", "inconclusive"]
    assert document["changes"][0]["absolute"]["estimate"] == pytest.approx(0.2)
    assert document["changes"][0]["memory"] == [10 << 20, None]
    assert document["baselines"][0]["key"] == ["naive", "steady", "small"]
    assert document["baselines"][0]["beyond"] == "slower"
    assert document["is_bad"] is False
