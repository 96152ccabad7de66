"""What --measure leaves out is what decide takes for an answer, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from decision_cells import SIMD

from harness.optimize import missing
from harness.results import Cell, Latency, to_builtins
from harness.run.plan import Plan
from harness.run.runner import stored_cells
from harness.store import Store, write_json


@contextmanager
def inputs(_: object) -> Iterator[SimpleNamespace]:
    yield SimpleNamespace(workload=lambda text: (text, None))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose latency was measured; nothing is in fact."""
    names: list[str] = []

    def measure(one: Cell, *given: Any) -> Cell:
        names.append(one.implementation)
        return replace(one, latency=Latency(given[-1], 0.001, 0.002, None, 0.01, kept_up=True))

    plan = SimpleNamespace(sensors_path=None, workloads=("steady",), subjects=())
    monkeypatch.setattr(missing, "refuse_unlike", lambda *_: None)
    monkeypatch.setattr(missing, "Inputs", inputs)
    monkeypatch.setattr(Plan, "from_builtins", lambda _: plan)
    monkeypatch.setattr(missing, "_measured", measure)
    return names


@pytest.mark.parametrize(
    ("per_s", "p99_s", "kept_up", "limit_s", "again"),
    [
        (1e6, 0.9, False, 0.1, True),
        (1e6, 0.2, True, 0.1, True),
        (1e6, 0.02, True, 0.1, False),
        (1e6, 0.02, True, None, True),
        (1.04e4, 0.2, True, 0.1, False),
        (1.04e4, 0.2, True, None, False),
        (1e3, 0.02, True, 0.1, True),
        (1e3, 0.9, False, 0.1, False),
    ],
)
def test_a_latency_is_measured_again_where_the_stored_one_is_no_answer(
    per_s: float,
    p99_s: float,
    kept_up: bool,
    limit_s: float | None,
    again: bool,
    measured: list[str],
    tmp_path: Path,
) -> None:
    stored = replace(SIMD, latency=Latency(per_s, 0.001, p99_s, None, 1.0, kept_up=kept_up))
    folder = tmp_path / "run"
    with Store.create(folder) as store:
        store.append({"kind": "cell", **to_builtins(stored)})
        write_json(folder / "run.json", {"plan": {}})
        added = missing.measure_missing(folder, store, 1e4, limit_s, (), lambda _: None)
        assert measured == ["simd"] * again
        assert added == again
        if again:
            last = stored_cells(store)[stored.key]
            assert last.latency == Latency(1e4, 0.001, 0.002, None, 0.01, True)
