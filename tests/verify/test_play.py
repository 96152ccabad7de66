"""The player inside the worker, in this process: what it copies, notices and overwrites."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from made_up_evidence import records, table

from harness.contract import Floats, Processor, Readings, Statistics
from harness.control import Control
from harness.measure.processes.messages import Message
from harness.measure.worker.host import Host
from harness.measure.worker.operations import play

STEPS = (("start", 6), ("feed", 0, 3), ("poll",), ("flush",), ("close",), ("history",))


def _played(made_by: type[Processor], steps: Sequence[Sequence[Any]] = STEPS, **request: Any) -> Message:
    sensors = table()
    arrays = {"id": sensors.id, "gain": sensors.gain, "offset": sensors.offset, "records": records().view("V16")}
    arrays["cuts"] = np.array([0, 4, 8, 12], np.int64)
    values = {"layout": "arrays", "steps": [list(step) for step in steps], **request}
    return play.run(Host(made_by, {}), Message(values, arrays))


def _rules(message: Message) -> list[str]:
    return [rule for _, rule, _, _ in message.values["breaches"]]


@pytest.mark.parametrize("layout", ["arrays", "records", "mapped"])
def test_all_that_came_is_handed_on(layout: str) -> None:
    message = _played(Control, layout=layout, wait_calls=[0], poison_outputs=True)
    assert message.arrays["calls"].tolist() == [
        [0, 4, 4],
        [0, 4, 4],
        [0, 4, 4],
        [1, 0, 0],
        [2, 0, 0],
        [3, 0, 0],
        [4, 0, 0],
    ]
    control = Control()
    control.start(table(), 6)
    expected = control.process(Readings.of_records(records()))
    assert message.arrays["values"].tobytes() == expected.tobytes()
    statistics = control.close_window()
    assert message.arrays["statistics0.count"].tolist() == statistics.count.tolist()
    assert message.values["counts"] == [(statistics.unmatched, statistics.invalid)]
    assert message.arrays["history0.time"].tolist() == control.history().time.tolist()
    assert message.values["breaches"] == []


def test_batches_share_memory_and_are_overwritten() -> None:
    seen: list[Readings] = []
    contents: list[list[int]] = []

    class Watches(Control):
        def process(self, readings: Readings) -> Floats:
            if len(readings):
                contents.extend([one.sensor_id.tolist() for one in seen[-1:]])
                seen.append(readings)
            return super().process(readings)

    _played(Watches)
    assert seen[0] is seen[1] is seen[2]
    assert contents[0] == records()["sensor_id"][4:8].tolist()
    assert set(seen[0].sensor_id.tolist()) == {0xDEADBEEF}
    assert not seen[0].value.flags.writeable


@pytest.mark.parametrize("layout", ["arrays", "records"])
def test_a_changed_input_is_noticed(layout: str) -> None:
    class Changes(Control):
        def process(self, readings: Readings) -> Floats:
            values = super().process(readings)
            if len(readings):
                ctypes.c_int64.from_address(readings.time.__array_interface__["data"][0]).value += 1
            return values

    message = _played(Changes, layout=layout)
    assert message.values["breaches"] == [[0, "inputs_unchanged", "time[0] = 10", "11"]]


def test_an_input_written_to_later_is_noticed() -> None:
    class WritesLater(Control):
        address = 0

        def process(self, readings: Readings) -> Floats:
            if len(readings):
                self.address = readings.time.__array_interface__["data"][0]
            return super().process(readings)

        def hand_back(self, calibrated: Floats) -> Floats:
            return np.array(calibrated)

        def flush(self) -> Floats:
            ctypes.c_int64.from_address(self.address).value = 5
            return super().flush()

    # Within `flush` nobody watches the batch any more: it is the caller's, free to be overwritten.
    assert _rules(_played(WritesLater)) == []


def test_an_output_that_changes_before_the_next_call_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    # Far longer than a busy machine keeps either thread waiting: what is tested is the watch, not the scheduler.
    monkeypatch.setattr(play, "_WATCH_S", 0.4)

    class FinishesLater(Control):
        def hand_back(self, calibrated: Floats) -> Floats:
            out = np.zeros_like(calibrated)

            def fill() -> None:
                time.sleep(0.1)
                out[:] = calibrated

            threading.Thread(target=fill).start()
            return out

    assert "outputs_whole" in _rules(_played(FinishesLater, STEPS[:2], wait_calls=[0]))


def test_outputs_are_overwritten_only_when_asked() -> None:
    kept: list[Floats] = []

    class Keeps(Control):
        def hand_back(self, calibrated: Floats) -> Floats:
            kept.append(calibrated)
            return calibrated

    _played(Keeps)
    assert not any((one == np.float32(-2.5e38)).any() for one in kept)
    kept.clear()
    _played(Keeps, poison_outputs=True)
    assert all((one == np.float32(-2.5e38)).all() for one in kept[:-1])


def test_read_only_outputs_are_left_alone() -> None:
    class ReadOnly(Control):
        def hand_back(self, calibrated: Floats) -> Floats:
            calibrated.flags.writeable = False
            return calibrated

    assert _rules(_played(ReadOnly, poison_outputs=True)) == []


def test_restart_keeps_the_instance_and_start_makes_a_new_one() -> None:
    made: list[Control] = []

    class Counts(Control):
        def __init__(self) -> None:
            made.append(self)

    _played(Counts, [("start", 6), ("feed", 0, 1), ("stop",), ("restart", 6), ("feed", 1, 2), ("restart", 3)])
    assert len(made) == 1
    _played(Counts, [("start", 6), ("start", 6)])
    assert len(made) == 3


def test_a_wrong_statistics_type_is_noticed() -> None:
    class Dictionary(Control):
        def close_window(self) -> Statistics:
            return {"count": 1}  # type: ignore[return-value]

    message = _played(Dictionary)
    assert message.values["breaches"] == [[5, "types_plain", "Statistics", "builtins.dict"]]
