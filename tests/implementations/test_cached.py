"""The cached processor: order, lag, draining, back-pressure; and the pieces it is made of."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from awkward_streams import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_reference import PlainReference
from test_parts import awkward_case

from harness.contract import Floats, Readings, Sensors
from harness.errors import ContractError
from implementations.parts.micro_batch import MicroBatches
from implementations.parts.pipeline import Pipeline
from implementations.processors.cached import Cached


def follow_late(processor: Cached, case: Case) -> None:
    """Run `processor` beside the reference: values may be late, statistics and history may not."""
    processor.start(case.sensors, case.retain)
    given_so_far: list[Readings] = []
    values: list[Floats] = []
    windows, histories = [], []
    for batch, close in zip(case.batches(), case.closes, strict=True):
        records = batch.to_records()
        given_so_far.append(Readings.of_records(records.copy()))
        values.append(processor.process(Readings.of_records(records)).copy())
        records.view("u1")[:] = 0xAA  # the caller uses its buffer again
        windows.append(processor.close_window() if close else None)
        histories.append(processor.history() if close else None)
    values.append(processor.flush().copy())
    last = processor.close_window(), processor.history()
    processor.stop()

    everything = np.concatenate(values)
    reference = PlainReference(case.sensors, case.retain)
    position = 0
    for batch, window, history in zip(given_so_far, windows, histories, strict=True):
        reference.follow(batch, everything[position : position + len(batch)])
        position += len(batch)
        if window is not None and history is not None:
            reference.check_window(window)
            reference.check_history(history)
    assert position == len(everything)
    reference.check_window(last[0])
    reference.check_history(last[1])


@settings(max_examples=60, deadline=None)
@given(
    case=cases(),
    size=st.sampled_from([1, 3, 64]),
    interval_s=st.sampled_from([0.0001, 1.0]),
    depth=st.integers(1, 3),
    entries=st.sampled_from([16, 1000]),
)
def test_late_but_right(case: Case, size: int, interval_s: float, depth: int, entries: int) -> None:
    follow_late(Cached(entries, size, interval_s, depth), case)


def test_a_second_start_begins_afresh() -> None:
    processor = Cached(batch_size=2)
    follow_late(processor, awkward_case())
    processor.start(awkward_case().sensors, 3)
    processor.process(awkward_case().readings)
    follow_late(processor, awkward_case())


def test_polls_bring_out_what_a_short_interval_lets_go() -> None:
    processor = Cached(batch_size=1_000_000, batch_interval_s=0.0001)
    processor.start(Sensors(np.array([5], "u4"), np.ones(1, "f4"), np.zeros(1, "f4")), 0)
    out = processor.process(Readings(np.array([5], "u4"), np.zeros(1, "i8"), np.ones(1, "f4"))).tolist()
    for _ in range(100_000):
        if out:
            break
        out = processor.process(Readings.empty()).tolist()
    processor.stop()
    assert out == [1.0]


def test_the_cache_is_bounded_and_forgets_the_least_recently_used() -> None:
    processor = Cached(cache_entries=16, batch_size=1)
    ids = np.arange(100, dtype=np.uint32)
    processor.start(Sensors(ids, np.ones(100, "f4"), np.zeros(100, "f4")), 0)

    def ask(asked: list[int]) -> tuple[object, object]:
        count = len(asked)
        processor.process(Readings(np.array(asked, "u4"), np.zeros(count, "i8"), np.ones(count, "f4")))
        processor.flush()
        return processor.facts()["cache_hits"], processor.facts()["cache_misses"]

    assert ask(list(range(16))) == (0, 16)
    assert ask([0]) == (1, 16)
    assert ask([16, 0, 1]) == (2, 18)
    processor.stop()


def test_use_before_start_says_so() -> None:
    with pytest.raises(ContractError, match="before start"):
        Cached().process(Readings.empty())


def test_a_full_queue_holds_the_caller_back() -> None:
    done: list[int] = []
    pipeline = Pipeline([lambda item: item, done.append], depth=2)
    most_under_way = 0
    for number in range(50):
        pipeline.feed(number)
        assert number >= 2 or not done  # as long as there is room, feeding only queues
        most_under_way = max(most_under_way, number + 1 - len(done))
    pipeline.drain()
    pipeline.stop()
    assert done == list(range(50))
    assert most_under_way <= 7  # two queues of two, one item in each of two hands, and the one just fed


@pytest.mark.parametrize("method", ["feed", "drain"])
def test_an_error_in_a_stage_comes_out(method: str) -> None:
    def fails(item: int) -> int:
        raise ZeroDivisionError(item)

    pipeline = Pipeline([lambda item: item, fails], depth=1)

    def use() -> None:
        for number in range(10):
            pipeline.feed(number)
            if method == "drain":
                pipeline.drain()

    with pytest.raises(ZeroDivisionError):
        use()
    pipeline.stop()
    pipeline.stop()


def readings(count: int) -> Readings:
    return Readings(np.arange(count, dtype=np.uint32), np.arange(count), np.zeros(count, np.float32))


def clock(*times_s: float) -> Callable[[], float]:
    left = iter(times_s)
    return lambda: next(left)


def test_micro_batches_by_size() -> None:
    collected = MicroBatches(4, 1e9)
    assert [len(batch) for batch in collected.add(readings(3))] == []
    assert [batch.sensor_id.tolist() for batch in collected.add(readings(6))] == [[0, 1, 2, 0], [1, 2, 3, 4]]
    assert [batch.sensor_id.tolist() for batch in collected.rest()] == [[5]]
    assert list(collected.rest()) == []


def test_micro_batches_by_time_since_their_first_reading() -> None:
    collected = MicroBatches(100, 1.0, clock(10.0, 10.0, 10.9, 11.0))
    assert list(collected.add(readings(1))) == []
    assert list(collected.add(readings(2))) == []
    assert [len(batch) for batch in collected.add(readings(0))] == [3]


def test_polling_an_idle_pipeline_costs_no_memory() -> None:
    processor = Cached()
    processor.start(Sensors.empty(), 0)
    processor.process(Readings.empty())
    tracemalloc.start()
    try:
        for _ in range(1000):
            processor.process(Readings.empty())
        assert tracemalloc.get_traced_memory()[0] < 20_000
    finally:
        tracemalloc.stop()
    processor.stop()
