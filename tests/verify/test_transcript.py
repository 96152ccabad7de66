"""Answers put in order; answers that no worker of ours gives."""

from typing import Any

import numpy as np
import pytest
from made_up_evidence import SUBJECT, records, run, table
from numpy.typing import NDArray

from harness.measure.processes.handle import Reply
from harness.oracle import Oracle
from harness.verify.transcript import DamagedAnswer, Transcript


def _transcript() -> Transcript:
    return Transcript(SUBJECT, Oracle(table()), records(), 6)


def _reply(values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Reply:
    return Reply(values, arrays, 0, 0, 0)


def _answer(calls: list[list[int]], handed: NDArray[np.float32]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What a worker answers to these calls; statistics are those of the made-up run."""
    arrays: dict[str, NDArray[Any]] = {"calls": np.array(calls, np.int64).reshape(-1, 3), "values": handed}
    closes = [kind for kind, _, _ in calls].count(3)
    for index in range(closes):
        statistics = run().windows[index].statistics
        assert statistics is not None
        for name in ("count", "sum", "minimum", "maximum", "last"):
            arrays[f"statistics{index}.{name}"] = getattr(statistics, name)
    values = {"counts": [[1, 1]] * closes, "statistics": closes, "histories": 0, "breaches": []}
    return values, arrays


def test_values_that_lag_find_their_readings() -> None:
    honest = run().values
    transcript = _transcript()
    calls = [[0, 4, 1], [0, 2, 2], [3, 0, 0], [0, 6, 3], [3, 0, 0], [2, 0, 6]]
    transcript.add(_reply(*_answer(calls, honest)))
    first, second = transcript.windows(flushed=False)
    assert first.values.tobytes() == honest[:6].tobytes()
    assert second.values.tobytes() == honest[6:].tobytes()
    assert (second.first_position, second.first_batch, second.batch_ends.tolist()) == (6, 2, [6])


def test_answers_add_up() -> None:
    honest = run().values
    transcript = _transcript()
    transcript.add(_reply(*_answer([[0, 4, 4]], honest[:4])))
    transcript.add(_reply(*_answer([[0, 2, 2], [2, 0, 0], [3, 0, 0]], honest[4:6])))
    (window,) = transcript.windows(flushed=True)
    assert window.values.tobytes() == honest[:6].tobytes()
    assert window.batch_ends.tolist() == [4, 6]


def test_what_follows_the_last_close_is_a_window_without_statistics() -> None:
    transcript = _transcript()
    transcript.add(_reply(*_answer([[0, 6, 6], [3, 0, 0], [0, 2, 2], [2, 0, 0]], run().values[:8])))
    closed, still_open = transcript.run(flushed=False).windows
    assert closed.statistics is not None
    assert still_open.statistics is None
    assert len(still_open.readings) == len(still_open.values) == 2


def _damaged() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    return [
        ("no calls", {}, {"calls": None}),
        ("calls of another shape", {}, {"calls": np.zeros((2, 2), np.int64)}),
        ("calls of another dtype", {}, {"calls": np.zeros((2, 3), np.int32)}),
        ("negative counts", {}, {"calls": np.array([[0, 1, -1], [0, 1, 7]], np.int64)}),
        ("fewer values than calls say", {}, {"values": np.zeros(2, np.float32)}),
        ("values of another dtype", {}, {"values": np.zeros(6)}),
        ("no statistics", {"statistics": 0}, {}),
        ("a missing array", {}, {"statistics0.sum": None}),
        ("an array of another length", {}, {"statistics0.sum": np.zeros(9)}),
        ("text for a count", {"counts": [["x", 1]]}, {}),
        ("breaches that are none", {"breaches": [1]}, {}),
        ("histories that are not there", {"histories": 1}, {}),
    ]


@pytest.mark.parametrize(("values", "arrays"), [row[1:] for row in _damaged()], ids=[row[0] for row in _damaged()])
def test_damaged_answers(values: dict[str, Any], arrays: dict[str, Any]) -> None:
    honest_values, honest_arrays = _answer([[0, 6, 6], [3, 0, 0]], run().values[:6])
    changed = {name: array for name, array in {**honest_arrays, **arrays}.items() if array is not None}
    with pytest.raises(DamagedAnswer):
        _transcript().add(_reply(honest_values | values, changed))
