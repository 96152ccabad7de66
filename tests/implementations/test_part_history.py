"""Histories beyond what every composition proves: long runs, counts, a full disk."""

import errno
import gc
import os
from pathlib import Path

import numpy as np
import pytest

from harness.contract import Readings, Sensors
from harness.errors import MeasurementError
from implementations.parts import catalog, history, memory
from implementations.processors.bit_packed import BitPacked
from implementations.processors.memory_mapped import MemoryMapped
from implementations.processors.object_pooled import ObjectPooled

SENSORS = Sensors(np.arange(100, dtype=np.uint32) * 3, np.ones(100, "f4"), np.zeros(100, "f4"))


def stream(count: int, seed: int = 0) -> Readings:
    generator = np.random.default_rng(seed)
    times = np.cumsum(generator.integers(-5, 1000, count))
    times[generator.random(count) < 0.01] = -(2**62)
    return Readings(generator.integers(0, 330, count, np.uint32), times, generator.normal(size=count).astype("f4"))


@pytest.mark.parametrize("retain", [1, 511, 512, 513, 5_000])
@pytest.mark.parametrize("history", catalog.HISTORIES)
def test_long_runs_wrap_many_times(history: str, retain: int) -> None:
    processor = catalog.compose(history=history)
    processor.start(SENSORS, retain)
    readings = stream(30_000)
    known = np.isin(readings.sensor_id, SENSORS.id)
    fed = 0
    for number, size in enumerate([1, 700, 512, 5, 8_000, 3, 1_024, 12_000, 7_755]):
        batch = readings[fed : fed + size]
        fed += size
        processor.process(batch)
        if number % 2 == 0:
            newest = np.flatnonzero(known[:fed])[-retain:]
            found = processor.history()
            assert (found.sensor_id == readings.sensor_id[newest]).all()
            assert (found.time == readings.time[newest]).all()
            assert (found.calibrated == readings.value[newest]).all()
            assert len(found) == len(newest)


def test_packed_memory_is_used_again() -> None:
    """Blocks that vary in size keep to the room that was made for blocks that do not compress."""
    processor = BitPacked(64)
    processor.start(SENSORS, 10_000)
    generator = np.random.default_rng(1)
    for number in range(60):
        count = int(generator.integers(1, 5_000))
        wild = number % 3 == 0
        times = generator.integers(-(2**63), 2**63 - 1, count) if wild else np.arange(count, dtype=np.int64)
        ids = SENSORS.id[generator.integers(0, 100, count)]
        values = generator.normal(size=count).astype("f4")
        processor.process(Readings(ids, times, values))
    newest = processor.history()
    assert len(newest) == 10_000
    assert (newest.time[-count:] == times).all()
    assert (newest.calibrated[-count:] == values).all()
    assert int(processor.facts()["blocks_with_plain_times"]) > 0


def test_half_of_the_plain_arrays_on_an_ordered_stream() -> None:
    processor = BitPacked()
    processor.start(SENSORS, 20_000)
    generator = np.random.default_rng(1)
    ids = SENSORS.id[generator.integers(0, 100, 30_000)]
    processor.process(Readings(ids, np.cumsum(generator.integers(0, 1_000, 30_000)), np.ones(30_000, "f4")))
    assert float(processor.facts()["packed_bytes_per_reading"]) < 8


def test_a_pool_of_objects_misses_only_until_the_history_is_full() -> None:
    processor = ObjectPooled(preallocated=100)
    processor.start(SENSORS, 500)
    for seed in range(20):
        processor.process(stream(100, seed))
    full = processor.facts()["object_misses"]
    for seed in range(20):
        processor.process(stream(100, seed))
    assert processor.facts()["object_misses"] == full
    assert 0 < int(full) <= 500 + 100


def test_a_pool_of_objects_calls_up_no_garbage_collection() -> None:
    """What it lends it never collects in a list of many new objects, which is what the collector counts."""
    processor = ObjectPooled(preallocated=1_000)
    processor.start(SENSORS, 1_000)
    batches = [stream(3_000, seed) for seed in range(4)]
    for batch in batches:
        processor.process(batch)
    before = sum(generation["collections"] for generation in gc.get_stats())
    for batch in batches * 5:
        processor.process(batch)
    assert sum(generation["collections"] for generation in gc.get_stats()) - before <= 1


def test_no_room_for_the_mapped_history_is_one_plain_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(MeasurementError, match=r"No space left.*TMPDIR"):
        MemoryMapped(retain_in="file").start(SENSORS, 1_000)


def test_the_mapped_history_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    processor = MemoryMapped(retain_in="file")
    processor.start(SENSORS, 1_000)
    processor.process(stream(2_000))
    assert list(tmp_path.iterdir()) == []
    assert len(processor.history()) == len(np.flatnonzero(np.isin(stream(2_000).sensor_id, SENSORS.id))[-1_000:])


def test_the_mapped_history_tells_of_the_file_it_has() -> None:
    part = history.Mapped()
    for retain in (1_000, 0, 10):
        part.start(SENSORS, retain, memory.Fresh())
        assert part.facts()["history_file_bytes"] == 16 * retain
