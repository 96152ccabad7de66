"""Once running, some processors allocate nothing worth the name: memray looks."""

from collections.abc import Callable
from pathlib import Path

import memray
import numpy as np
import pytest

from harness.contract import Processor, Readings, Sensors
from implementations.processors.arena import Arena
from implementations.processors.bit_packed import BitPacked
from implementations.processors.hash_indexed import HashIndexed
from implementations.processors.memory_mapped import MemoryMapped
from implementations.processors.ring_buffer import RingBuffer
from implementations.processors.simd import Simd

SENSORS, BATCH, RETAIN = 1_000, 2_000, 50_000
_LARGE_BYTES = 512
_FREES = (memray.AllocatorType.FREE, memray.AllocatorType.MUNMAP)
QUIET: list[Callable[[], Processor]] = [RingBuffer, Arena, BitPacked, MemoryMapped, Simd]


def batch(*, strided: bool) -> tuple[Sensors, Readings]:
    """A batch with a few readings that are rejected, for either reason."""
    generator = np.random.default_rng(2)
    ids = generator.choice(2**32, SENSORS, replace=False).astype(np.uint32)
    sensors = Sensors(ids, np.ones(SENSORS, np.float32), np.zeros(SENSORS, np.float32))
    chosen = ids[generator.integers(0, SENSORS, BATCH)]
    chosen[::50] = np.setdiff1d(np.arange(SENSORS + 1, dtype=np.uint32), ids)[0]
    values = generator.normal(size=BATCH).astype(np.float32)
    values[::70] = np.nan
    readings = Readings(chosen, np.arange(BATCH), values)
    return sensors, Readings.of_records(readings.to_records()) if strided else readings


def run(processor: Processor, readings: Readings, batches: int) -> None:
    for number in range(1, batches + 1):
        processor.process(readings)
        if number % 50 == 0:
            processor.close_window()


@pytest.fixture(params=QUIET, ids=lambda made: made.__name__)
def running(request: pytest.FixtureRequest) -> tuple[Processor, Readings]:
    """A processor whose history is full and which has seen its largest batch and a whole window."""
    sensors, readings = batch(strided=request.param is MemoryMapped)
    processor: Processor = request.param()
    processor.start(sensors, RETAIN)
    run(processor, readings, 150)
    return processor, readings


def large_allocations(processor: Processor, readings: Readings, batches: int, folder: Path) -> int:
    """How many allocations of 512 bytes and more have a frame of `implementations/` below them."""
    with memray.Tracker(folder / "allocations.bin"):
        run(processor, readings, batches)
    found = 0
    with memray.FileReader(folder / "allocations.bin") as reader:
        for record in reader.get_allocation_records():
            if record.size >= _LARGE_BYTES and record.allocator not in _FREES:
                found += any(
                    "/implementations/" in file and "/tests/" not in file for _, file, _ in record.stack_trace()
                )
    return found


def test_no_large_allocation_in_a_thousand_batches(running: tuple[Processor, Readings], tmp_path: Path) -> None:
    assert large_allocations(*running, 1_000, tmp_path) == 0


def test_the_count_finds_the_allocations_of_others(tmp_path: Path) -> None:
    sensors, readings = batch(strided=False)
    processor = HashIndexed()
    processor.start(sensors, 100)
    assert large_allocations(processor, readings, 10, tmp_path) >= 10


@pytest.mark.limit_memory("16 KB")
def test_memory_does_not_move(running: tuple[Processor, Readings]) -> None:
    """An output of one batch alone would take 8,000 bytes, its rows 16,000."""
    run(*running, 200)
