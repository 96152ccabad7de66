"""Measure ways of spelling the job beside one another: all alive, window by window, in alternating order.

What is measured is processor time, on one thread: what else runs on the machine does not add to it.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from way import Way

from harness.contract import Processor, Readings, Sensors, Size, Statistics
from workloads.steady import Steady

WINDOW = 500_000
RETAIN = 1_000_000
SIZES = tuple(
    Size(name, 3 * WINDOW, sensors, batch, RETAIN, windows=3)
    for name, sensors, batch in (
        ("1,000 sensors", 1_000, 100_000),
        ("10,000 sensors", 10_000, 100_000),
        ("100,000 sensors", 100_000, 100_000),
        ("1,000,000 sensors", 1_000_000, 100_000),
        ("10,000 sensors, batches of 1,000", 10_000, 1_000),
    )
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What a way took: median over the rounds, ns a reading, and its median ratio to the first way's."""

    median_ns: float
    ratio: float


def windows_of(size: Size) -> tuple[Sensors, list[list[Readings]]]:
    """The sensors and the batches of each window, in memory."""
    workload = Steady()
    batches = [
        Readings(batch.sensor_id.copy(), batch.time.copy(), batch.value.copy()) for batch in workload.readings(size)
    ]
    each = WINDOW // size.batch
    return workload.sensors(size), [batches[first : first + each] for first in range(0, len(batches), each)]


def measure(ways: Sequence[Way], size: Size, rounds: int) -> list[Figure]:
    """Time a whole window of each way in each round, `close_window` and `flush` included, history full."""
    sensors, windows = windows_of(size)
    processors = [way.make() for way in ways]
    expected: Statistics | None = None
    for way, processor in zip(ways, processors, strict=True):
        processor.start(sensors, size.retain)
        for window in windows[:2]:
            got = _pass(processor, window)
        expected = got if expected is None else _same(expected, got, way)
    taken_ns: list[list[float]] = [[] for _ in ways]
    for round_ in range(rounds):
        order = range(len(ways)) if round_ % 2 else reversed(range(len(ways)))
        for index in order:
            began_ns = time.process_time_ns()
            _pass(processors[index], windows[round_ % len(windows)])
            taken_ns[index].append((time.process_time_ns() - began_ns) / WINDOW)
    for processor in processors:
        processor.stop()
    return [
        Figure(
            statistics.median(taken),
            statistics.median(mine / first for mine, first in zip(taken, taken_ns[0], strict=True)),
        )
        for taken in taken_ns
    ]


def _pass(processor: Processor, window: list[Readings]) -> Statistics:
    for batch in window:
        processor.process(batch)
    closed = processor.close_window()
    processor.flush()
    return closed


def _same(expected: Statistics, got: Statistics, way: Way) -> Statistics:
    """`expected`, if `got` agrees with it; a way that answers otherwise is not measured."""
    exact = all(
        np.array_equal(getattr(expected, name), getattr(got, name), equal_nan=True)
        for name in ("count", "minimum", "maximum", "last")
    )
    if not exact or not np.allclose(expected.sum, got.sum, rtol=1e-12, atol=0):
        raise SystemExit(f"{way.text} disagrees with the first way")
    return expected
