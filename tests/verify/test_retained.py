"""What is retained after many windows is compared reading by reading: right passes, every kind of wrong is found."""

from dataclasses import replace

import numpy as np
import pytest

from harness.contract import History, Size
from harness.discovery import workload as find_workload
from harness.measure.speed.feed import Feed
from harness.stream import Stream, write_stream
from harness.verify.retained import check_history
from implementations.processors.ring_buffer import RingBuffer

WINDOWS, RETAIN = 17, 4_321


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    label, dirty = find_workload("dirty", None)
    return write_stream(dirty, label, Size("some", 3_000, 50, 100, 500, 6), tmp_path_factory.mktemp("stream"))


@pytest.fixture(scope="module")
def history(stream: Stream) -> History:
    processor = RingBuffer()
    processor.start(stream.sensors, RETAIN)
    _, staged = Feed(stream, "arrays").take(WINDOWS)
    for batches in staged:
        for batch in batches:
            processor.process(batch)
    return processor.history()


def test_right_passes(stream: Stream, history: History) -> None:
    assert len(history) == RETAIN
    assert check_history("x", stream, WINDOWS, RETAIN, history) == []


def test_less_than_retain_passes_where_there_was_no_more(stream: Stream) -> None:
    processor = RingBuffer()
    processor.start(stream.sensors, 10 * RETAIN)
    _, staged = Feed(stream, "arrays").take(1)
    for batch in staged[0]:
        processor.process(batch)
    assert 0 < len(processor.history()) < 500
    assert check_history("x", stream, 1, 10 * RETAIN, processor.history()) == []


@pytest.mark.parametrize("at", [0, RETAIN // 2, RETAIN - 1])
@pytest.mark.parametrize("column", ["sensor_id", "time", "calibrated"])
def test_one_wrong_value_is_found(column: str, at: int, stream: Stream, history: History) -> None:
    changed = getattr(history, column).copy()
    changed[at] = changed[at] + 1 if column != "calibrated" else np.nextafter(changed[at], np.inf) * 1.001 + 1
    (failure, *_) = check_history("x", stream, WINDOWS, RETAIN, replace(history, **{column: changed}))
    assert failure.implementation == "x"


@pytest.mark.parametrize("cut", [slice(1, None), slice(None, -1), slice(0, 0)])
def test_one_missing_is_found(cut: slice, stream: Stream, history: History) -> None:
    part = History(history.sensor_id[cut], history.time[cut], history.calibrated[cut])
    assert check_history("x", stream, WINDOWS, RETAIN, part)


def test_one_too_many_is_found(stream: Stream, history: History) -> None:
    assert check_history("x", stream, WINDOWS, RETAIN - 1, history)
