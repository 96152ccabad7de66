"""A baseline that fails where it is timed is left out: its own cell says so, and the others are timed without it."""

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from harness.discovery import Entry, find
from harness.measure.processes.handle import Limits
from harness.measure.speed.effort import EFFORTS
from harness.results import Cell, Level, Status
from harness.run.cell import CellMaker
from harness.run.inputs import Inputs
from harness.run.plan import Plan, Subject
from harness.run.runner import carry_out, stored_cells
from harness.store import Store

WRONG_LATER = str(Path(__file__).parents[1] / "saboteurs" / "wrong_later.py")
EXITS_LATER = '''"""Right for as long as a proof takes; it exits while it is warmed up."""

import os

from harness.contract import Floats, Readings, Sensors
from harness.control import Control


class ExitsLater(Control):
    """After a while it is gone."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.calls = 0

    def process(self, readings: Readings) -> Floats:
        self.calls += 1
        if self.calls > 300:
            os._exit(3)
        return super().process(readings)
'''


class _Heard:
    """Progress that does something when a cell begins."""

    def __init__(self, begins: Callable[[str], None] = lambda _: None) -> None:
        self._begins = begins

    def begin(self, total: int, done: int) -> None: ...

    def cell(self, implementation: str, workload: str, size: str) -> None:
        self._begins(implementation)

    def phase(self, text: str) -> None: ...

    def finished(self, cell: Cell) -> None: ...

    def taken_back(self, cell: Cell) -> None: ...


def _entries(*names: str) -> tuple[Entry, ...]:
    return tuple(find("processors", name) for name in names)


def _run(
    folder: Path, names: tuple[str, ...], baselines: tuple[str, ...], begins: Callable[[str], None] = lambda _: None
) -> tuple[list[Cell], dict[str, Cell]]:
    """What a quick run handed out, and the newest cells that it stored."""
    subjects = _entries(*names)
    plan = Plan(
        subjects=tuple(Subject.of(entry) for entry in subjects),
        named=(),
        workloads=("steady",),
        size="tiny",
        level=Level.QUICK,
        baselines=tuple(entry.label for entry in _entries(*baselines)),
        passes=("throughput",),
    )
    with Inputs() as inputs, Store.create(folder) as store:
        handed = list(carry_out(plan, inputs, store, _Heard(begins)))
        return handed, {cell.implementation: cell for cell in stored_cells(store).values()}


def _is_left_out(cell: Cell, label: str, why: str) -> bool:
    return any(f"{label} is left out as the baseline" in note and why in note for note in cell.notes)


def test_one_that_is_wrong_when_timed(tmp_path: Path) -> None:
    _, cells = _run(tmp_path / "run", (WRONG_LATER, "cached"), (WRONG_LATER,))
    cached, wrong = cells["cached"], cells["wrong_later"]
    assert (wrong.status, wrong.throughput) == (Status.WRONG, None)
    assert cached.verified
    assert cached.throughput
    assert cached.speed_up is None
    assert _is_left_out(cached, "wrong_later", "wrong in a timed call: values_calibrated")


def test_one_that_exits_in_its_warm_up(tmp_path: Path) -> None:
    exits = tmp_path / "exits_later.py"
    exits.write_text(EXITS_LATER)
    _, cells = _run(tmp_path / "run", (str(exits), "hash_indexed", "cached"), (str(exits), "hash_indexed"))
    assert cells["exits_later"].status is Status.CRASHED
    assert "exited with code 3" in str(cells["exits_later"].reason)
    for cell in (cells["hash_indexed"], cells["cached"]):
        assert cell.verified
        assert cell.throughput
        assert _is_left_out(cell, "exits_later", "exited with code 3")
    assert cells["hash_indexed"].speed_up is None
    assert cells["cached"].speed_up
    assert cells["cached"].speed_up.baseline == "hash_indexed"


def _kill_workers() -> None:
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # one that has just ended
            if "harness.measure.worker.serve" in process.cmdline():
                process.kill()


def test_one_that_dies_between_two_candidates(tmp_path: Path) -> None:
    """At the quick level its processes are kept for the next candidate; its own cell was stored as good by then."""
    names = ("naive", "hash_indexed", "sorted_indexed", "cached")
    handed, cells = _run(
        tmp_path / "run",
        names,
        ("naive", "hash_indexed"),
        lambda label: _kill_workers() if label == "sorted_indexed" else None,
    )
    assert [cell.implementation for cell in handed] == ["naive", "hash_indexed", "naive", "sorted_indexed", "cached"]
    assert handed[0].verified
    assert (cells["naive"].status, cells["naive"].throughput) == (Status.OUT_OF_MEMORY, None)
    assert "killed by SIGKILL" in str(cells["naive"].reason)
    compared = {name: cell.speed_up.baseline for name, cell in cells.items() if cell.speed_up}
    assert compared == {"hash_indexed": "naive", "sorted_indexed": "hash_indexed", "cached": "hash_indexed"}
    for name in ("sorted_indexed", "cached"):
        assert cells[name].verified
        assert _is_left_out(cells[name], "naive", "killed by SIGKILL")


def test_one_that_was_wrong_before_the_run_was_cut_off(tmp_path: Path) -> None:
    _, before = _run(tmp_path / "run", (WRONG_LATER,), (WRONG_LATER,))
    maker = CellMaker(Inputs(), EFFORTS[Level.QUICK], Limits(), 1, _entries(WRONG_LATER), ("throughput",), seed=0)
    maker.leave_out_the_wrong(before.values())
    assert list(maker.fallen) == [("wrong_later", "steady", "tiny")]


def test_compare_says_whose_failure_it_was() -> None:
    words = ("compare", WRONG_LATER, "sorted_indexed", "-w", "steady", "--size", "tiny", "--quick")
    done = subprocess.run(
        [sys.executable, "-c", "from harness.entry import main; main()", *words], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "wrong_later cannot be the baseline on steady at tiny: wrong in a timed call: values_calib" in done.stderr
