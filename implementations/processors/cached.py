"""Cached: a bounded cache before the scan, micro-batches, an asynchronous pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from harness.contract import Approach, Floats, History, LogRange, Processor, Readings, Sensors, Statistics
from implementations.parts import aggregation, calibration, history, lookup, memory
from implementations.parts.micro_batch import MicroBatches
from implementations.parts.pipeline import Pipeline
from implementations.parts.protocols import Rows
from implementations.parts.started import not_started


@dataclass(slots=True)
class _Batch:
    """A micro-batch on its way through the stages."""

    readings: Readings
    rows: Rows
    calibrated: Floats


class Cached(Processor):
    """What the case study's first thought adds to `naive`: caching, micro-batches and asynchronous stages.

    Time O(1) a reading whose sensor is in the cache, O(S) for another; memory about 160 bytes a retained reading.

    Parameters
    ----------
    cache_entries
        Most sensor ids that the cache remembers, the least recently used forgotten first.
    batch_size, batch_interval_s
        A micro-batch sets off when it has so many readings or its first one has waited so long.
    depth
        Most micro-batches that wait before each stage; a full queue holds the caller back.

    Notes
    -----
    The cache helps as far as the readings favour few sensors: with uniform ones its hit rate is the share of the
    table that fits into it. The pipeline runs on one thread, so its stages overlap with nothing; what
    micro-batches save a call they cost in waiting, half of `batch_interval_s` on average when readings come slowly.

    Examples
    --------
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> cached = Cached(batch_size=4, batch_interval_s=60.0)
    >>> cached.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> ready = cached.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    >>> np.concatenate((ready, cached.flush()))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> cached.facts()["cache_hits"], cached.facts()["cache_misses"]
    (2, 3)
    >>> cached.stop()
    """

    approach = Approach.CACHING

    def __init__(
        self,
        cache_entries: Annotated[int, LogRange(16, 1_000_000)] = 1024,
        batch_size: Annotated[int, LogRange(1, 1_000_000)] = 10_000,
        batch_interval_s: Annotated[float, LogRange(0.0001, 1.0)] = 0.1,
        depth: Annotated[int, LogRange(1, 64)] = 4,
    ) -> None:
        self._batch_size, self._batch_interval_s, self._depth = batch_size, batch_interval_s, depth
        self._memory = memory.Fresh()
        self._lookup = lookup.Cached(cache_entries)
        self._calibration = calibration.Plain()
        self._aggregation = aggregation.Objects()
        self._history = history.TrimmedList()
        self._pipeline: Pipeline | None = None
        self._unmatched = self._invalid = self._micro_batches = 0

    def start(self, sensors: Sensors, retain: int) -> None:
        """Start the parts and the stages afresh."""
        self.stop()
        self._lookup.start(sensors, self._memory)
        self._calibration.start(sensors, self._memory)
        self._aggregation.start(len(sensors), self._memory)
        self._history.start(sensors, retain, self._memory)
        self._unmatched = self._invalid = self._micro_batches = 0
        self._collected = MicroBatches(self._batch_size, self._batch_interval_s)
        self._pipeline = Pipeline((self._match, self._calibrate, self._keep), self._depth)

    def process(self, readings: Readings) -> Floats:
        """Feed the micro-batches that are full or due, let the stages step, hand back what has come out."""
        pipeline = self._begin("process")
        for batch in self._collected.add(readings):
            pipeline.feed(batch)
        pipeline.poll()
        return self._ready(pipeline)

    def flush(self) -> Floats:
        """Send off what was collected, wait for all of it and hand it back."""
        return self._ready(self._drained("flush"))

    def close_window(self) -> Statistics:
        """Wait for everything given so far, then close the window."""
        self._drained("close_window")
        statistics = self._aggregation.close(self._unmatched, self._invalid, self._memory)
        self._unmatched = self._invalid = 0
        return statistics

    def history(self) -> History:
        """Wait for everything given so far, then copy out what is retained."""
        self._drained("history")
        return self._history.snapshot()

    def stop(self) -> None:
        """Stop the stages and the parts."""
        if self._pipeline is not None:
            self._pipeline.stop()
            self._pipeline = None
        for part in (self._lookup, self._calibration, self._aggregation, self._history):
            part.stop()

    def facts(self) -> Mapping[str, float | int | str]:
        """Hit rate of the cache and number of micro-batches."""
        return {**self._lookup.facts(), "micro_batches": self._micro_batches}

    def _match(self, readings: Readings) -> _Batch:
        batch = _Batch(readings, np.empty(len(readings), np.intp), np.empty(len(readings), np.float32))
        self._lookup.rows(readings.sensor_id, batch.rows)
        return batch

    def _calibrate(self, batch: _Batch) -> _Batch:
        unmatched, invalid = self._calibration.apply(batch.rows, batch.readings.value, batch.calibrated, self._memory)
        self._unmatched += unmatched
        self._invalid += invalid
        return batch

    def _keep(self, batch: _Batch) -> Floats:
        self._aggregation.add(batch.rows, batch.calibrated, self._memory)
        self._history.append(batch.readings.sensor_id, batch.readings.time, batch.rows, batch.calibrated)
        self._micro_batches += 1
        return batch.calibrated

    def _drained(self, method: str) -> Pipeline:
        pipeline = self._begin(method)
        for batch in self._collected.rest():
            pipeline.feed(batch)
        pipeline.drain()
        return pipeline

    def _begin(self, method: str) -> Pipeline:
        if self._pipeline is None:
            raise not_started(self, method)
        return self._pipeline

    @staticmethod
    def _ready(pipeline: Pipeline) -> Floats:
        done = pipeline.take()
        return np.concatenate(done) if done else np.empty(0, np.float32)
