"""The verifier with real workers: proofs, budgets, other cuts, and windows of timed calls."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.contract import Readings, Sensors, Size, Workload
from harness.control import Control
from harness.discovery import Entry, find
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.results import Status
from harness.stream import Stream, write_stream
from harness.verify import CHECKS, check_window, verify
from harness.verify.evidence import Run, Window
from harness.verify.gather import gather
from harness.verify.scenarios import readings, table

SABOTEURS = Path(__file__).parents[1] / "saboteurs"
UNAVAILABLE = '''
from harness.control import Control
class Elsewhere(Control):
    @classmethod
    def unavailable(cls):
        return "no such device; buy one"
'''  # fmt: skip
RECORDS = '''
from harness.control import Control
class OnRecords(Control):
    input_layout = "records"
'''  # fmt: skip


class Awkward(Workload):
    """The verifier's own readings as a stream, with batches of uneven length."""

    def sensors(self, size: Size) -> Sensors:
        return table()

    def readings(self, size: Size) -> Iterator[Readings]:
        yield from Readings.of_records(readings(size.readings, seed=1)).batches(size.batch)


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    return write_stream(Awkward(), "awkward", Size("own", 1000, 14, 70, 300, 4), tmp_path_factory.mktemp("stream"))


def _saboteur(text: str) -> Entry:
    name, bracket, rest = text.partition("[")
    return find("processors", f"{SABOTEURS / name}.py{bracket}{rest}")


def _written(folder: Path, text: str) -> Entry:
    path = folder / "written.py"
    path.write_text(text)
    return find("processors", str(path))


def test_a_proof(stream: Stream) -> None:
    told: list[tuple[str, float]] = []
    proof = verify(_saboteur("honest"), stream, Limits(), progress=lambda what, share: told.append((what, share)))
    assert proof.verified
    assert [result.check for result in proof.checks] == [check.name for check in CHECKS]
    assert proof.readings == len(stream)
    assert proof.worst_share is not None
    assert proof.worst_error_ulp is not None
    assert proof.allowed_there_ulp is not None
    assert 0 < proof.worst_share <= 1
    assert proof.worst_error_ulp == pytest.approx(proof.worst_share * proof.allowed_there_ulp)
    assert ("stream", 1.0) in told


def test_the_whole_stream_is_judged_window_by_window(stream: Stream) -> None:
    pieces = list(gather(_saboteur("honest"), stream, Limits(), 60))
    main = [piece for piece in pieces if isinstance(piece, Window)][:4]
    assert sum(len(window.readings) for window in main) == len(stream)
    assert [len(window.batch_ends) for window in main] == np.diff(stream.window_ends, prepend=0).tolist()
    assert all(window.statistics is not None for window in main)
    whole = next(piece for piece in pieces if isinstance(piece, Run))
    assert whole.calls[:, 1].sum() == len(stream)


def test_a_wrong_answer_is_a_proof_that_fails(stream: Stream) -> None:
    proof = verify(_saboteur("wrong_order"), stream, Limits())
    assert not proof.verified
    first = proof.failures[0]
    assert (first.implementation, first.workload, first.check) == ("wrong_order", "awkward", "values_calibrated")
    assert first.batch == 0
    assert first.position is not None


def test_unavailable(stream: Stream, tmp_path: Path) -> None:
    with pytest.raises(WorkerFailure) as raised:
        verify(_written(tmp_path, UNAVAILABLE), stream, Limits())
    assert (raised.value.status, raised.value.reason) == (Status.UNAVAILABLE, "no such device; buy one")


def test_mapped_records(stream: Stream, tmp_path: Path) -> None:
    assert verify(_written(tmp_path, RECORDS), stream, Limits()).verified


def test_one_window_one_batch_one_reading(tmp_path: Path) -> None:
    for readings_, batch, windows in ((1, 1, 1), (1, 5, 10), (7, 7, 1), (5, 1, 5)):
        size = Size("own", readings_, 14, batch, 3, windows)
        made = write_stream(Awkward(), "awkward", size, tmp_path / f"{readings_}-{batch}")
        assert verify(_saboteur("honest_late"), made, Limits()).verified


def test_what_would_take_too_long_is_given_up_early(tmp_path: Path) -> None:
    slow = "import time\n" + RECORDS.replace(
        'input_layout = "records"',
        "def process(self, readings):\n        time.sleep(0.2)\n        return super().process(readings)",
    )
    made = write_stream(Awkward(), "awkward", Size("own", 2000, 14, 10, 3, 10), tmp_path / "stream")
    with pytest.raises(WorkerFailure, match=r"would take about \d+.* for 2000 readings") as raised:
        verify(_written(tmp_path, slow), made, Limits(), budget_s=3)
    assert raised.value.status is Status.TIMED_OUT


def _audited(stream: Stream, first: int, lengths: list[int], **changed: Any) -> dict[str, Any]:
    """What an honest worker audits for the window from `first` on, around the end of the stream if need be."""
    places = (first + np.arange(sum(lengths))) % len(stream)
    control = Control()
    control.start(stream.sensors, 10)
    values = control.process(Readings.of_records(np.asarray(stream.records)[places]))
    found = control.close_window()
    arrays = {name: getattr(found, name) for name in ("count", "sum", "minimum", "maximum", "last")}
    counts = {"unmatched": found.unmatched, "invalid": found.invalid}
    return {"first_position": first, "batch_lengths": lengths, "values": values, **arrays, **counts, **changed}


@pytest.mark.parametrize("first", [0, 500, 930, 999])
def test_windows_of_timed_calls(stream: Stream, first: int) -> None:
    assert check_window("subject", stream, _audited(stream, first, [70, 70, 3])) == []


def test_windows_longer_than_the_stream(stream: Stream) -> None:
    assert check_window("subject", stream, _audited(stream, 10, [900, 900, 900])) == []


def test_a_wrong_timed_call_has_its_place_in_the_stream(stream: Stream) -> None:
    audited = _audited(stream, 950, [70, 70])
    values = audited["values"].copy()
    values[60] = -77777.0
    failure = check_window("subject", stream, {**audited, "values": values})[0]
    assert failure.position == 10
    assert failure.workload == "awkward, timed call"
    assert failure.implementation == "subject"


def test_a_timed_call_with_statistics_that_are_none(stream: Stream) -> None:
    audited = _audited(stream, 0, [70], count=np.zeros(14, np.int32))
    assert [failure.check for failure in check_window("subject", stream, audited)] == ["forms_exact"]
