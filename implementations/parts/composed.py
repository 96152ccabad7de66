"""Composed: the job done by five parts, one after the other."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Processor, Readings, Sensors, Statistics
from implementations.parts.calibration import Vectorized
from implementations.parts.memory import Fresh
from implementations.parts.protocols import Aggregation, Calibration, Lookup, Memory, Retention
from implementations.parts.started import not_started


class Composed(Processor):
    """A processor that is a choice among parts.

    Parameters
    ----------
    lookup, aggregation, history
        How sensors are matched, statistics kept and readings retained.
    calibration
        How values are checked and calibrated; by default vectorized NumPy.
    memory
        Where buffers come from; by default fresh from NumPy each time.
    block_size
        Most readings that pass through the parts together, so that what lies between them stays small;
        None passes each batch whole.

    Notes
    -----
    Between the parts a reading costs 12 bytes: its row and its calibrated value. Both are lent by `memory`, as
    is everything that parts need for the time of one call.
    """

    def __init__(
        self,
        lookup: Lookup,
        aggregation: Aggregation,
        history: Retention,
        *,
        calibration: Calibration | None = None,
        memory: Memory | None = None,
        block_size: int | None = None,
    ) -> None:
        self._lookup = lookup
        self._aggregation = aggregation
        self._history = history
        self._calibration = calibration if calibration is not None else Vectorized()
        self._memory = memory if memory is not None else Fresh()
        self._block_size = block_size
        self._running = False
        self._unmatched = 0
        self._invalid = 0

    def start(self, sensors: Sensors, retain: int) -> None:
        """Start every part afresh."""
        self.stop()
        self._memory.start(len(sensors), retain)
        self._lookup.start(sensors, self._memory)
        self._calibration.start(sensors, self._memory)
        self._aggregation.start(len(sensors), self._memory)
        self._history.start(sensors, retain, self._memory)
        self._unmatched = self._invalid = 0
        self._running = True

    def process(self, readings: Readings) -> Floats:
        """Pass a batch through the parts; the values are ready at once."""
        self._begin("process")
        count = len(readings)
        calibrated: Floats = self._memory.lend(count, np.float32)
        if count:
            sensor_id, time, value = _aligned(readings.sensor_id), _aligned(readings.time), _aligned(readings.value)
            step = min(count, self._block_size or count)
            rows = self._memory.lend(step, np.intp)
            for first in range(0, count, step):
                part = slice(first, first + step)
                self._pass(sensor_id[part], time[part], value[part], rows[: count - first], calibrated[part])
        return calibrated

    def _pass(
        self,
        sensor_id: NDArray[np.uint32],
        time: NDArray[np.int64],
        value: Floats,
        rows: NDArray[np.intp],
        calibrated: Floats,
    ) -> None:
        self._lookup.rows(sensor_id, rows)
        unmatched, invalid = self._calibration.apply(rows, value, calibrated, self._memory)
        self._unmatched += unmatched
        self._invalid += invalid
        self._aggregation.add(rows, calibrated, self._memory)
        self._history.append(sensor_id, time, rows, calibrated)

    def close_window(self) -> Statistics:
        """Return the window's statistics and open the next."""
        self._begin("close_window")
        self._memory.close_window()
        statistics = self._aggregation.close(self._unmatched, self._invalid, self._memory)
        self._unmatched = self._invalid = 0
        return statistics

    def history(self) -> History:
        """Copy out what is retained."""
        self._begin("history")
        return self._history.snapshot()

    def stop(self) -> None:
        """Stop every part."""
        self._running = False
        for part in (self._lookup, self._calibration, self._aggregation, self._history, self._memory):
            part.stop()

    def facts(self) -> Mapping[str, float | int | str]:
        """What the parts have to tell."""
        return {**self._lookup.facts(), **self._history.facts(), **self._memory.facts()}

    def _begin(self, method: str) -> None:
        if not self._running:
            raise not_started(self, method)
        self._memory.reclaim()


def _aligned(array: NDArray[Any]) -> NDArray[Any]:
    """`array` itself, or a copy where its items lie at odd addresses."""
    return array if array.flags.aligned else array.copy()
