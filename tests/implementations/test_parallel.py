"""Parallel: the same answers whatever the number of threads, in the order of arrival, and no thread left over."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from harness.contract import RECORD_DTYPE, History, Processor, Readings, Sensors, Statistics
from harness.contract.processor import THREADS_VARIABLE
from implementations.processors.parallel import Parallel
from implementations.processors.simd import Simd

SENSORS, RETAIN = 200, 5_000


def _sensors() -> Sensors:
    rng = np.random.default_rng(1)
    ids = rng.choice(2**32, SENSORS, replace=False).astype(np.uint32)
    return Sensors(ids, rng.normal(1, 0.1, SENSORS).astype(np.float32), rng.normal(0, 1, SENSORS).astype(np.float32))


def _batches(sensors: Sensors, rejected: float, lengths: tuple[int, ...]) -> Iterator[Readings]:
    rng = np.random.default_rng(2)
    for length in lengths:
        records = np.empty(length, RECORD_DTYPE)
        records["sensor_id"] = sensors.id[rng.integers(0, SENSORS, length)]
        records["time"] = rng.integers(-(2**40), 2**40, length)
        records["value"] = rng.normal(20, 5, length)
        records["sensor_id"][rng.random(length) < rejected] += np.uint32(1)
        records["value"][rng.random(length) < rejected] = np.nan
        yield Readings.of_records(records)


def _answers(
    processor: Processor, rejected: float, lengths: tuple[int, ...], retain: int = RETAIN
) -> tuple[list[np.ndarray], Statistics, History]:
    sensors = _sensors()
    processor.start(sensors, retain)
    values = [processor.process(batch).copy() for batch in _batches(sensors, rejected, lengths)]
    closed, history = processor.close_window(), processor.history()
    return values, closed, history


_LENGTHS = (10_000, 1, 63, 64, 65, 4_097, 0, 100, 20_000, 300_000, 17)


@pytest.mark.parametrize("rejected", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("retain", [0, RETAIN])
def test_answers_are_those_of_one_thread(rejected: float, retain: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _answers(Simd(), rejected, _LENGTHS, retain)
    seen = []
    for threads in (1, 2, 4):
        monkeypatch.setenv(THREADS_VARIABLE, str(threads))
        parallel = Parallel(parts=4, shared_from=64)
        values, closed, history = _answers(parallel, rejected, _LENGTHS, retain)
        seen.append(closed.sum.copy())
        for mine, theirs in zip(values, expected[0], strict=True):
            assert np.array_equal(mine, theirs, equal_nan=True)
        for name in ("count", "minimum", "maximum", "last"):
            assert np.array_equal(getattr(closed, name), getattr(expected[1], name), equal_nan=True)
        assert np.allclose(closed.sum, expected[1].sum, rtol=1e-12, atol=0)
        assert (closed.unmatched, closed.invalid) == (expected[1].unmatched, expected[1].invalid)
        for name in ("sensor_id", "time", "calibrated"):
            assert np.array_equal(getattr(history, name), getattr(expected[2], name))
        parallel.stop()
    assert all(np.array_equal(total, seen[0]) for total in seen), "sums depend on the number of threads"


@pytest.mark.parametrize("padded", [True, False])
def test_the_latest_of_a_sensor_is_the_latest_to_arrive_in_any_part(
    padded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "2")
    parallel = Parallel(parts=3, shared_from=64, padded=padded)
    parallel.start(Sensors(np.array([7], np.uint32), np.ones(1, np.float32), np.zeros(1, np.float32)), 10)
    for round_ in range(200):
        if round_ == 100:  # as after four thousand million batches
            parallel._board["stamp"] = (1 << 32) - 8
        value = np.full(96, np.nan, np.float32)
        value[round_ * 37 % 96] = round_
        parallel.process(Readings(np.full(96, 7, np.uint32), np.zeros(96, np.int64), value))
        if round_ % 7 == 6:
            closed = parallel.close_window()
            assert (closed.last[0], closed.count[0], closed.invalid) == (round_, 7, 7 * 95)
    parallel.stop()


def test_it_works_on_after_its_threads_have_slept_and_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "3")
    before = threading.active_count()
    parallel = Parallel(parts=4, shared_from=64)
    sensors = _sensors()
    parallel.start(sensors, RETAIN)
    assert threading.active_count() == before + 2
    for batch in _batches(sensors, 0.0, (5_000, 5_000, 5_000)):
        time.sleep(0.01)
        parallel.process(batch)
    assert parallel.close_window().count.sum() == 15_000
    parallel.start(sensors, RETAIN)
    assert threading.active_count() == before + 2
    parallel.stop()
    parallel.stop()
    assert threading.active_count() == before


def test_no_more_threads_than_allowed_or_than_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for allowed, parts, expected in ((1, 4, 1), (2, 4, 2), (8, 3, 3), (2, 1, 1)):
        monkeypatch.setenv(THREADS_VARIABLE, str(allowed))
        parallel = Parallel(parts=parts)
        parallel.start(_sensors(), 0)
        assert parallel.facts()["working_threads"] == expected
        parallel.stop()


def test_a_dropped_one_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "2")
    before = threading.active_count()
    parallel = Parallel(parts=2)
    parallel.start(_sensors(), 0)
    del parallel
    assert threading.active_count() == before
