"""The fused passes' ring at the end of a lap: whatever is rejected there, the newest readings stay."""

from collections.abc import Callable

import numpy as np
import pytest

from harness.contract import Processor, Readings, Sensors
from implementations.parts import memory
from implementations.parts.fused import FusedPass
from implementations.processors.parallel import Parallel
from implementations.processors.simd import Simd

_SENSORS = Sensors(np.arange(100, 150, dtype=np.uint32), np.ones(50, np.float32), np.zeros(50, np.float32))
_MAKE: dict[str, Callable[[], Processor]] = {
    "simd": lambda: Simd(block_size=64),
    "simd without streaming": lambda: Simd(block_size=64, streaming=False),
    "fused": lambda: FusedPass(memory.Fresh(), 64, huge_pages=False),
    "parallel": lambda: Parallel(parts=3, shared_from=64, block_size=64),
    "parallel without padding": lambda: Parallel(parts=3, shared_from=64, block_size=64, padded=False),
}


def _batch(rng: np.random.Generator, first: int) -> Readings:
    """A batch of any length of which one stretch, from nothing to everything, is rejected."""
    count = int(rng.integers(0, 700))
    value = rng.random(count).astype(np.float32)
    begin, end = np.sort(rng.integers(0, count + 1, 2))
    value[begin:end] = np.nan
    return Readings(rng.choice(_SENSORS.id, count), np.arange(first, first + count), value)


@pytest.mark.parametrize("retain", [1, 16, 64, 250, 600, 1_000])
@pytest.mark.parametrize("name", _MAKE)
def test_the_newest_readings_stay(name: str, retain: int) -> None:
    processor = _MAKE[name]()
    processor.start(_SENSORS, retain)
    rng = np.random.default_rng(retain)
    times, values = np.zeros(0, np.int64), np.zeros(0, np.float32)
    for turn in range(60):
        batch = _batch(rng, 1_000 * turn)
        good = ~np.isnan(batch.value)
        processor.process(batch)
        times = np.concatenate((times, batch.time[good]))[-retain:]
        values = np.concatenate((values, batch.value[good]))[-retain:]
        history = processor.history()
        np.testing.assert_array_equal(history.time, times, err_msg=f"after batch {turn}")
        np.testing.assert_array_equal(history.calibrated, values, err_msg=f"after batch {turn}")
    processor.stop()
