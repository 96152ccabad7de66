"""What a resumed run measures: whatever it was to measure and did not, also where other commands added to it since."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.discovery import find
from harness.measure.load.latency import Load
from harness.measure.machine.roofline import CopyBandwidth
from harness.results import Cell, Level, Status, to_builtins
from harness.run.inputs import Inputs
from harness.run.loads import Subjects, keep, latencies, limits_of, proved
from harness.run.plan import Plan, Subject
from harness.run.runner import CELL_KIND, COPY_KIND, Progress, carry_out, stored_cells
from harness.store import Store, read

NAMES = ("hash_indexed", "sorted_indexed")
PLAN = Plan(
    subjects=tuple(Subject.of(find("processors", name)) for name in NAMES),
    named=(),
    workloads=("steady",),
    size="tiny",
    level=Level.QUICK,
    baselines=("hash_indexed",),
    passes=("throughput",),
)


class _Counted(Progress):
    """Progress that notes how much of the run it was told is done."""

    done = -1

    def begin(self, total: int, done: int) -> None:
        self.done = done

    def cell(self, implementation: str, workload: str, size: str) -> None: ...

    def phase(self, text: str) -> None: ...

    def finished(self, cell: Cell) -> None: ...

    def taken_back(self, cell: Cell) -> None: ...


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was cut off after its first cell."""
    folder = tmp_path_factory.mktemp("cut-off") / "run"
    with Inputs() as inputs, Store.create(folder) as store:
        assert next(carry_out(PLAN, inputs, store, _Counted())).implementation == "hash_indexed"
    return folder


@pytest.fixture
def folder(cut_off: Path, tmp_path: Path) -> Path:
    """A copy of it to go on with."""
    return Path(shutil.copytree(cut_off, tmp_path / "run"))


def _gone_on_with(folder: Path) -> tuple[int, list[Cell]]:
    """How much was done already, and the cells made in the rest of the run."""
    told = _Counted()
    with Inputs() as inputs, Store.open(folder) as store:
        made = list(carry_out(PLAN, inputs, store, told))
    return told.done, made


def test_what_was_only_put_under_load_is_measured_with_that_kept(folder: Path) -> None:
    """As 'latency --run' does it."""
    subjects = Subjects([find("processors", name) for name in NAMES], ("steady",), "tiny")
    with Store.open(folder) as store:
        for subject in proved(subjects):
            keep(store, subject.cell)
            for outcome in latencies(subject, [Load(1e5, 0.2)], 1, limits_of(subjects)):
                keep(store, subject.cell, latency=outcome.latency, failure=outcome.failure)
        before = {key[0]: cell for key, cell in stored_cells(store).items()}
    assert before["hash_indexed"].throughput
    assert before["sorted_indexed"].latency
    assert before["sorted_indexed"].throughput is None
    done, (made,) = _gone_on_with(folder)
    assert done == 1
    assert (made.implementation, made.verified) == ("sorted_indexed", True)
    assert made.throughput
    assert made.latency == before["sorted_indexed"].latency
    assert _gone_on_with(folder) == (2, [])


def test_what_failed_under_a_load_is_measured(folder: Path) -> None:
    """A load of 'latency --run' that it crashed under says nothing of its throughput."""
    subjects = Subjects([find("processors", "sorted_indexed")], ("steady",), "tiny")
    with Store.open(folder) as store:
        (subject,) = proved(subjects)
        crashed = replace(subject.cell, status=Status.CRASHED, reason="under a load")
        store.append({"kind": CELL_KIND, **to_builtins(crashed)})
    _, (made,) = _gone_on_with(folder)
    assert made.verified
    assert made.throughput


def test_what_failed_in_the_run_is_not_measured_again(tmp_path: Path) -> None:
    wrong = str(Path(__file__).parents[1] / "saboteurs" / "wrong_order.py")
    plan = replace(PLAN, subjects=(Subject.of(find("processors", wrong)),), baselines=())
    with Inputs() as inputs, Store.create(tmp_path / "run") as store:
        (cell,) = carry_out(plan, inputs, store, _Counted())
        assert cell.status is Status.WRONG
        assert list(carry_out(plan, inputs, store, _Counted())) == []


def test_the_copy_bandwidth_is_stored_with_the_first_cell_and_holds_for_all(folder: Path) -> None:
    def points() -> list[CopyBandwidth]:
        return [CopyBandwidth.from_dict(dict(record)) for record in read(folder).records(COPY_KIND)]

    before = points()
    assert len(before) > 1
    _gone_on_with(folder)
    assert points() == before


def test_threads_that_no_cell_of_the_run_has_make_no_difference(folder: Path) -> None:
    """A cell of other threads is another cell."""
    with Store.open(folder) as store:
        (cell,) = stored_cells(store).values()
        other = replace(cell, implementation="sorted_indexed", threads=7)
        store.append({"kind": CELL_KIND, **to_builtins(other)})
    _, made = _gone_on_with(folder)
    assert [one.implementation for one in made] == ["sorted_indexed"]
    assert made[0].threads == 1
