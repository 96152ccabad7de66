"""Frames between parent and worker: whole within their time or refused, and never begun where they cannot be ended."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.discovery import find
from harness.measure.processes import handle
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.messages import Line, Message
from harness.measure.processes.status import WorkerFailure
from harness.results import Status

TOKEN = bytes(16)
TELLS = """
import numpy as np
from harness.control import Control
class Tells(Control):
    def facts(self):
        return {facts}
"""


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_a_frame_that_drips_in_is_given_up(ends: tuple[socket.socket, socket.socket]) -> None:
    """Each byte would come in time; all of them would take a minute."""
    one, other = ends
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.05):
            other.send(b"S")

    dripping = threading.Thread(target=drip)
    dripping.start()
    began_s = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            Line(one, TOKEN, 0.4).receive()
    finally:
        over.set()
        dripping.join()
    assert time.monotonic() - began_s > 0.3, "it was given time"


@pytest.mark.parametrize(
    "message",
    [
        Message({"x": object()}),
        Message({"x": 1}, {"whole": np.zeros(3), "objects": np.array([None, "a"], object)}),
        Message({"x": {1, 2}}, {"whole": np.zeros(3)}),
    ],
)
def test_what_cannot_be_sent_leaves_no_part_behind(message: Message, ends: tuple[socket.socket, socket.socket]) -> None:
    sending, receiving = (Line(end, TOKEN) for end in ends)
    with pytest.raises((TypeError, ValueError)):
        sending.send(message)
    sending.send(Message({"x": 2}, {"array": np.arange(3)}))
    received = receiving.receive()
    assert received.values == {"x": 2}
    assert received.arrays["array"].tolist() == [0, 1, 2]


def test_a_worker_that_does_not_read_is_named_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handle, "_FRAME_DEADLINE_S", 1.0)
    with Worker(find("processors", "hash_indexed"), Limits()) as worker:
        os.kill(worker.pid, signal.SIGSTOP)
        with pytest.raises(WorkerFailure, match=r"did not read 'play' within 1\.00 s") as failure:
            worker.ask("play", {}, {"much": np.zeros(4 << 20)}, deadline_s=30)
    assert failure.value.status is Status.TIMED_OUT


def _warmed_up(facts: str, folder: Path) -> Any:
    from harness.contract import Size
    from harness.discovery import workload
    from harness.stream import write_stream

    (folder / "tells.py").write_text(TELLS.format(facts=facts))
    label, steady = workload("steady")
    stream = write_stream(steady, label, Size("some", 10_000, 100, 1000, 5_000, 10), folder / "stream")
    limits = {"min_calls": 1, "min_s": 0, "min_readings": 1, "most_s": 5}
    with Worker(find("processors", str(folder / "tells.py")), Limits()) as worker:
        worker.ask("start", {"folder": str(stream.folder), "retain": 10}, deadline_s=60)
        return worker.ask("warm_up", limits, deadline_s=60).values["facts"]


def test_facts_may_be_numbers_of_numpy(tmp_path: Path) -> None:
    facts = '{"hits": np.int64(3), "share": np.float32(0.5), "full": np.bool_(True), "text": np.str_("a"), "plain": 1}'
    assert _warmed_up(facts, tmp_path) == {"hits": 3, "share": 0.5, "full": True, "text": "a", "plain": 1}


@pytest.mark.parametrize("value", ["object()", "[1]", "None"])
def test_facts_that_are_none_are_a_failure_of_the_subject(value: str, tmp_path: Path) -> None:
    with pytest.raises(WorkerFailure, match=r"facts\(\) tells 'odd' as (object|list|NoneType); expected a") as failure:
        _warmed_up(f'{{"odd": {value}}}', tmp_path)
    assert failure.value.status is Status.FAILED


def test_an_answer_that_cannot_be_encoded_is_a_failure_of_the_subject(tmp_path: Path) -> None:
    (tmp_path / "tells.py").write_text(
        TELLS.format(facts="{}") + "    def __init__(self, seed: int = np.int64(3)): pass"
    )
    with (
        pytest.raises(WorkerFailure, match=r"TypeError in 'load' at .*int64 is not JSON serializable") as failure,
        Worker(find("processors", str(tmp_path / "tells.py")), Limits()),
    ):
        pass
    assert failure.value.status is Status.FAILED
