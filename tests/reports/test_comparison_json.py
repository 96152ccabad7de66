"""Two stored runs as a JSON document: ratios that nobody has to take for percentages."""

import math
from pathlib import Path

import pytest
from report_run import good, write_run

from reports.comparison import compare_runs
from reports.comparison_text import comparison_json
from reports.load import load


def test_ratios_of_times_stand_beside_their_logarithms(tmp_path: Path) -> None:
    runs = [load(write_run(tmp_path / name, found=(good("naive", "steady"), good("simd", "steady")))) for name in "ab"]
    changes = comparison_json(compare_runs(runs[0], runs[1], 0.05, ()))["changes"]
    assert len(changes) == 2
    for change in changes:
        if change["slowdown"] is None:
            assert change["time_ratio"] is None
            continue
        for name, ratio in change["time_ratio"].items():
            assert ratio == pytest.approx(math.exp(change["slowdown"][name]))
        assert set(change["time_ratio"]) == {"estimate", "low", "high"}
    assert any(change["time_ratio"] for change in changes)
