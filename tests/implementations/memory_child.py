"""Run as a program: how much memory a processor takes over a tiny instance of itself, as JSON on standard output.

python memory_child.py MODULE CLASS RETAIN [PARAMETER=VALUE ...]
"""

import importlib
import json
import sys

import numpy as np
from numpy.typing import NDArray

from harness.contract import Processor, Readings, Sensors
from harness.measure.memory import resident

SENSORS, BATCH = 10_000, 100_000


def main(module: str, name: str, retain: int, parameters: dict[str, str]) -> None:
    made_by = getattr(importlib.import_module(f"implementations.processors.{module}"), name)
    generator = np.random.default_rng(0)
    ids = generator.choice(2**32, SENSORS, replace=False).astype(np.uint32)
    gain, offset = generator.normal(1, 0.1, (2, SENSORS)).astype(np.float32)
    source = Source(ids)
    feed(made_by(**parameters), Sensors(ids[:10], gain[:10], offset[:10]), source, 10, 2)
    resident.collect()
    runtime, anonymous_before = resident.resident_now_bytes(), resident.anonymous_now_bytes()
    resident.reset_peak()
    processor = made_by(**parameters)
    feed(processor, Sensors(ids, gain, offset), source, retain, retain // BATCH + 6)
    peak, anonymous = resident.peak_bytes(), resident.anonymous_now_bytes()
    assert runtime is not None
    assert peak is not None
    assert anonymous is not None
    assert anonymous_before is not None
    assert len(processor.history()) == retain
    print(json.dumps({"peak_bytes": peak - runtime, "anonymous_bytes": anonymous - anonymous_before}))


class Source:
    """Writes each batch into the same buffer, as a live source would; its memory is there from the start."""

    def __init__(self, ids: NDArray[np.uint32]) -> None:
        self._ids = ids
        self._arrays = np.zeros(BATCH, np.uint32), np.zeros(BATCH, np.int64), np.zeros(BATCH, np.float32)
        self._number = 0

    def batch(self) -> Readings:
        generator = np.random.default_rng(self._number)
        sensor_id, time, value = self._arrays
        sensor_id[:] = self._ids[generator.integers(0, SENSORS, BATCH)]
        time[:] = (self._number * BATCH + np.arange(BATCH)) * 1000 + generator.integers(0, 1000, BATCH)
        value[:] = generator.normal(20, 5, BATCH)
        self._number += 1
        return Readings(sensor_id, time, value)


def feed(processor: Processor, sensors: Sensors, source: Source, retain: int, batches: int) -> None:
    processor.start(sensors, retain)
    for number in range(batches):
        processor.process(source.batch())
        if number % 5 == 4:
            processor.close_window()


if __name__ == "__main__":
    given = dict(text.split("=") for text in sys.argv[4:])
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), given)
