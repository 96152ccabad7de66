"""The study's target: what a load tells of it, and what it does not."""

from dataclasses import replace
from pathlib import Path

import pytest
from load_records import LOADS
from report_run import good, write_run

from harness.results import Capacity, Latency, to_builtins
from harness.store import Store
from reports.load import load
from reports.target import judge, loads_of


def _latency(offered_per_s: float, p99_s: float | None, *, kept_up: bool = True, valid: bool = True) -> Latency:
    return Latency(offered_per_s, p99_s, p99_s, p99_s, p99_s, kept_up=kept_up, valid=valid)


@pytest.mark.parametrize(
    ("latency", "met"),
    [
        (_latency(1e6, 0.01), True),
        (_latency(1e6, 0.2), False),
        (_latency(1e6, None, kept_up=False), False),
        (_latency(0.96e6, 0.2), False),
        (_latency(1e8, 0.01), True),
        (_latency(1e8, 4.0, kept_up=False), None),
        (_latency(1e8, 0.2), None),
        (_latency(1e5, 0.01), None),
        (_latency(1e5, 0.2), None),
        (_latency(1e6, 0.01, valid=False), None),
    ],
)
def test_too_much_at_a_higher_load_tells_nothing_of_the_wanted_one(latency: Latency, met: bool | None) -> None:
    verdict = judge(replace(good("simd", "steady"), latency=latency))
    assert verdict is not None
    assert verdict.met is met
    if met is None:
        assert verdict.why == "not measured at 1.00 M/s; run latency --rate 1e6"


def test_every_stored_load_is_looked_at(tmp_path: Path) -> None:
    cell = replace(good("simd", "steady"), latency=_latency(1e8, 4.0, kept_up=False))
    folder = write_run(tmp_path / "run", found=(cell,))
    with Store.open(folder) as store:
        for offered_per_s, p99_s in ((1e6, 0.2), (1e6, 0.02), (5e5, 0.001)):
            latency = to_builtins(_latency(offered_per_s, p99_s))
            store.append({**LOADS[3], "offered_per_s": offered_per_s, "latency": latency})
        store.append({**LOADS[3], "workload_digest": "another input", "latency": to_builtins(_latency(1e6, 9.0))})
    run = load(folder)
    verdict = judge(cell, loads_of(run, cell))
    assert verdict is not None
    assert (verdict.met, verdict.why) == (True, "p99 at 1.00 M/s")
    assert verdict.latency_margin == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("capacity", "met"),
    [
        (Capacity(2e6, 99.0, 0.1), True),
        (Capacity(2e5, 99.0, 0.1), False),
        (Capacity(None, 99.0, 0.1), False),
        (Capacity(2e6, 99.9, 0.01), True),
        (Capacity(2e5, 99.9, 0.01), None),
        (Capacity(2e5, 99.0, 0.1, {"limited_by_generator": True}), None),
    ],
)
def test_a_capacity_within_less_says_no_only_of_less(capacity: Capacity, met: bool | None) -> None:
    verdict = judge(replace(good("simd", "steady"), capacity=capacity))
    assert verdict is not None
    assert verdict.met is met
