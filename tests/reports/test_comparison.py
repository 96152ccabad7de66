"""Two stored runs compared: regressions, what is not certain, and what must not be compared."""

import math
from dataclasses import replace
from typing import Any

import pytest

from harness.errors import UnlikeError
from harness.results import Cell, CheckResult, Interval, Level, Memory, Proof, SpeedUp, Status, Throughput
from reports.comparison import Comparison, compare_runs
from reports.comparison_text import comparison_json, comparison_markdown
from reports.load import Run

NOISE = (-0.004, 0.002, 0.001, -0.001, 0.003, -0.002)


def cell(effect: float = -3.0, noise: float = 1.0, **changes: Any) -> Cell:
    effects = tuple(effect + noise * value for value in NOISE)
    ratio = math.exp(-effect)
    values: dict[str, Any] = {
        "proof": Proof((CheckResult("values_calibrated"),), 1000, 0.1),
        "throughput": Throughput(Interval(1e8, 0.9e8, 1.1e8), 12, 6, 1000, 1, 0.3, 3, True, True, (10.0, 10.1) * 6),
        "speed_up": SpeedUp(Interval(ratio, ratio, ratio), "naive", effects, 0.99, "faster", 0.01, Level.DEFAULT),
        "memory": Memory(peak_bytes=10 << 20),
    }
    made = Cell("quick", "steady", "small", "small", "d" * 64, 1, Status.OK, None, **values)
    return replace(made, **changes)


def compared(before: Cell, after: Cell, threshold: float = 0.05, **options: Any) -> Comparison:
    runs = Run("before", {}, (before,), {}), Run("after", {}, (after,), {})
    return compare_runs(*runs, threshold, options.pop("differences", ()), **options)


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
def test_verdict_follows_the_interval(slower: float, noise: float, verdict: str) -> None:
    comparison = compared(cell(), cell(-3.0 + math.log1p(slower), noise))
    assert [change.verdict for change in comparison.changes] == [verdict]
    assert comparison.is_bad == (verdict == "regression")
    assert comparison.changes[0].relative_to == "naive"


def test_memory_that_grew_is_a_regression() -> None:
    comparison = compared(cell(), cell(memory=Memory(peak_bytes=12 << 20)))
    assert comparison.changes[0].verdict == "regression"
    assert "memory grew by 20%" in comparison.changes[0].reason


def test_what_broke_is_bad() -> None:
    broken = cell(status=Status.WRONG, reason="moved by 4 ULP", throughput=None, speed_up=None)
    comparison = compared(cell(), broken)
    assert comparison.changes[0].verdict == "broken"
    assert comparison.is_bad
    assert compared(broken, cell()).changes[0].verdict == "mended"


def test_without_a_common_baseline_the_processes_are_compared() -> None:
    comparison = compared(cell(speed_up=None), cell(speed_up=None))
    assert comparison.changes[0].relative_to is None
    assert comparison.changes[0].verdict == "no regression"


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
    text = comparison_markdown(compared(cell(implementation="<b>|x"), cell(implementation="<b>|x")))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in rows}) == 1
    assert "<b>" not in text


def test_json_holds_every_change() -> None:
    document = comparison_json(compared(cell(), cell()))
    assert document["changes"][0]["verdict"] == "no regression"
    assert document["is_bad"] is False
