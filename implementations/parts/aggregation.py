"""Aggregation: count, sum, minimum, maximum and last of each sensor in the open window."""

from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Statistics
from implementations.kernels.sensor_state import STATE_DTYPE
from implementations.parts.protocols import Memory, Rows


@dataclass(slots=True)
class Window:
    """One sensor's statistics as an object."""

    count: int = 0
    sum: float = 0.0
    minimum: float = inf
    maximum: float = -inf
    last: float = nan


class Objects:
    """An object a sensor, updated reading by reading in plain Python.

    O(1) a reading, about 200 bytes a sensor.

    Parameters
    ----------
    reuse
        Whether a window's objects are reset and used for the next one, instead of being replaced.
    """

    def __init__(self, reuse: bool = False) -> None:
        self._reuse = reuse
        self._windows: list[Window] = []

    def start(self, sensors: int, memory: Memory) -> None:
        """Make the objects."""
        self._windows = [Window() for _ in range(sensors)]

    def add(self, rows: Rows, calibrated: Floats, memory: Memory) -> None:
        """Update the objects in arrival order."""
        windows, reject_row = self._windows, len(self._windows)
        for row, value in zip(rows.tolist(), calibrated.tolist(), strict=True):
            if row == reject_row:
                continue
            window = windows[row]
            window.count += 1
            window.sum += value
            if value < window.minimum:
                window.minimum = value
            if value > window.maximum:
                window.maximum = value
            window.last = value

    def close(self, unmatched: int, invalid: int, memory: Memory) -> Statistics:
        """Turn the objects into columns and replace them."""
        windows = self._windows
        statistics = _statistics_of(
            np.array([window.count for window in windows], np.int64),
            np.array([window.sum for window in windows], np.float64),
            np.array([window.minimum for window in windows], np.float32),
            np.array([window.maximum for window in windows], np.float32),
            np.array([window.last for window in windows], np.float32),
            unmatched,
            invalid,
        )
        if self._reuse:
            for window in windows:
                window.__init__()  # type: ignore[misc]  # resets every field to its default
        else:
            self._windows = [Window() for _ in windows]
        return statistics

    def stop(self) -> None:
        """Drop the objects."""
        self._windows = []


class Bincount:
    """Columns, updated by a few NumPy passes.

    O(1) a reading. A batch of at least S readings is counted and summed by ``bincount``, which costs O(S) as
    well; a smaller one by ``add.at``. Minimum and maximum always by ``ufunc.at``: sorting and ``reduceat``
    took forty times as long.
    """

    def __init__(self) -> None:
        self._open(0)

    def _open(self, sensors: int) -> None:
        states = sensors + 1
        self._count = np.zeros(states, np.int64)
        self._sum = np.zeros(states, np.float64)
        self._minimum = np.full(states, np.inf, np.float32)
        self._maximum = np.full(states, -np.inf, np.float32)
        self._last = np.full(states, np.nan, np.float32)

    def start(self, sensors: int, memory: Memory) -> None:
        """Make the columns, with an entry for the reject row behind."""
        self._open(sensors)

    def add(self, rows: Rows, calibrated: Floats, memory: Memory) -> None:
        """Scatter the batch; rejected readings end in the reject row, which nobody reads."""
        states = len(self._count)
        with np.errstate(invalid="ignore"):
            if len(rows) >= states:
                self._count += np.bincount(rows, minlength=states)
                self._sum += np.bincount(rows, calibrated, minlength=states)
            else:
                wide = memory.lend(len(rows), np.float64)
                wide[:] = calibrated
                np.add.at(self._count, rows, 1)
                np.add.at(self._sum, rows, wide)
            np.minimum.at(self._minimum, rows, calibrated)
            np.maximum.at(self._maximum, rows, calibrated)
        self._last[rows] = calibrated  # of a repeated row the last assignment stays

    def close(self, unmatched: int, invalid: int, memory: Memory) -> Statistics:
        """Hand the columns out and open new ones."""
        sensors = len(self._count) - 1
        count, total = self._count[:sensors], self._sum[:sensors]
        minimum, maximum, last = self._minimum[:sensors], self._maximum[:sensors], self._last[:sensors]
        statistics = _statistics_of(count, total, minimum, maximum, last, unmatched, invalid)
        self._open(sensors)
        return statistics

    def stop(self) -> None:
        """Drop the columns."""
        self._open(0)


class Arrays:
    """One record a sensor, updated by a compiled loop.

    O(1) a reading; 32 bytes a sensor, and 28 for the statistics handed out. Everything is allocated at the
    start or lent by the memory part.
    """

    def __init__(self) -> None:
        self.stop()

    def start(self, sensors: int, memory: Memory) -> None:
        """Make the records, with one for the reject row behind."""
        from implementations.kernels import aggregating

        self._kernels = aggregating
        self._state = memory.keep(sensors + 1, STATE_DTYPE)
        aggregating.clear(self._state)

    def add(self, rows: Rows, calibrated: Floats, memory: Memory) -> None:
        """Update the records in arrival order."""
        self._kernels.add(self._state, rows, calibrated)

    def close(self, unmatched: int, invalid: int, memory: Memory) -> Statistics:
        """Copy the records to columns and clear them."""
        sensors = len(self._state) - 1
        count, total = memory.lend(sensors, np.int64), memory.lend(sensors, np.float64)
        minimum, maximum, last = (memory.lend(sensors, np.float32) for _ in range(3))
        self._kernels.close(self._state, count, total, minimum, maximum, last)
        return Statistics(count, total, minimum, maximum, last, unmatched, invalid)

    def stop(self) -> None:
        """Drop the records."""
        self._state = np.zeros(1, STATE_DTYPE)


def _statistics_of(
    count: NDArray[np.int64],
    total: NDArray[np.float64],
    minimum: Floats,
    maximum: Floats,
    last: Floats,
    unmatched: int,
    invalid: int,
) -> Statistics:
    """Statistics whose sensors without readings have NaN for the infinities they began with."""
    minimum[count == 0] = maximum[count == 0] = np.nan
    return Statistics(count, total, minimum, maximum, last, unmatched, invalid)
