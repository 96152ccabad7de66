"""Deferred aggregation: batches are matched and calibrated as they come, but aggregated many at a time.

Table libraries pay tens to hundreds of microseconds a call, however few rows they are given. Their share of a
batch is one lookup here; the accepted readings wait in the history buffer, where they have to go anyway, and
are aggregated in one piece when many of them wait or when the window closes.
"""

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import MAX_VALUE, Floats, History, Processor, Readings, Sensors, Statistics
from implementations.parts.accepted import AcceptedLog, Rows
from implementations.parts.started import Started

_MOST = np.float32(MAX_VALUE)
_NAN = np.float32(np.nan)


class WindowColumns:
    """The open window's statistics as columns in table order, updated in place.

    A sensor not seen yet has count 0, sum 0, minimum +inf, maximum -inf and last NaN.
    """

    def __init__(self, sensors: int) -> None:
        self.count = np.zeros(sensors, np.int64)
        self.sum = np.zeros(sensors, np.float64)
        self.minimum = np.full(sensors, np.inf, np.float32)
        self.maximum = np.full(sensors, -np.inf, np.float32)
        self.last = np.full(sensors, np.nan, np.float32)
        self.unmatched = self.invalid = 0

    def merge(
        self,
        row: NDArray[np.integer[Any]],
        count: NDArray[np.integer[Any]],
        total: NDArray[np.float64],
        minimum: Floats,
        maximum: Floats,
        last: Floats,
    ) -> None:
        """Add the statistics of later readings, an entry for each sensor among them; `row` repeats nothing."""
        self.count[row] += count
        self.sum[row] += total
        self.minimum[row] = np.minimum(self.minimum[row], minimum)
        self.maximum[row] = np.maximum(self.maximum[row], maximum)
        self.last[row] = last

    def closed(self) -> Statistics:
        """Hand the columns over as the window's statistics; they are not to be used again."""
        unseen = self.count == 0
        self.minimum[unseen] = self.maximum[unseen] = np.nan
        return Statistics(self.count, self.sum, self.minimum, self.maximum, self.last, self.unmatched, self.invalid)


class DeferredProcessor(Started, Processor):
    """Answers each batch at once and aggregates later, in larger pieces.

    A subclass says how readings find their sensors and are calibrated (`_match`) and how accepted ones are
    aggregated (`_aggregate`), and may build an index (`_open`) and release it (`_close`).

    Parameters
    ----------
    most_waiting
        How many accepted readings may wait to be aggregated.
    """

    row_dtype: ClassVar[DTypeLike] = np.int32
    """What `_match` returns rows as."""

    def __init__(self, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._running = False

    def start(self, sensors: Sensors, retain: int) -> None:
        """Build the index and the buffers."""
        self.stop()
        self._sensors = Sensors(sensors.id.copy(), sensors.gain.copy(), sensors.offset.copy())
        self._log = AcceptedLog(retain, self._most_waiting, self.row_dtype, self._aggregate)
        self._window = WindowColumns(len(sensors))
        self._running = True
        self._open(self._sensors)

    def process(self, readings: Readings) -> Floats:
        """Calibrate a batch; all its values are ready at once."""
        self._demand_started("process")
        count = len(readings)
        if not count:
            return np.empty(0, np.float32)
        sensor_id, value = _contiguous(readings.sensor_id), _contiguous(readings.value)
        accepted = np.abs(value) <= _MOST
        all_valid = bool(accepted.all())
        if not all_valid:  # so that the arithmetic below meets nothing that overflows or warns
            value = np.where(accepted, value, np.float32(0))
        row, calibrated = self._match(sensor_id, value)
        if all_valid and row.min() >= 0:
            self._log.append(row, readings.time, calibrated)
            return calibrated
        known = row >= 0
        accepted &= known
        matched = int(np.count_nonzero(known))
        self._window.unmatched += count - matched
        self._window.invalid += matched - int(np.count_nonzero(accepted))
        self._log.append(row[accepted], readings.time[accepted], calibrated[accepted])
        return np.where(accepted, calibrated, _NAN)

    def close_window(self) -> Statistics:
        """Aggregate what waits, hand the statistics over and open the next window."""
        self._demand_started("close_window")
        self._log.drain()
        window, self._window = self._window, WindowColumns(len(self._sensors))
        return window.closed()

    def history(self) -> History:
        """The newest accepted readings, oldest first."""
        self._demand_started("history")
        row, time, calibrated = self._log.newest()
        return History(self._sensors.id[row], time, calibrated)

    def stop(self) -> None:
        """Release the index and the buffers."""
        self._close()
        self._running = False
        for name in ("_sensors", "_log", "_window"):
            self.__dict__.pop(name, None)

    def _open(self, sensors: Sensors) -> None:
        """Build the index over `sensors`, whose arrays stay as they are until `stop`."""

    def _close(self) -> None:
        """Release what `_open` made, if it was called."""

    @abstractmethod
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        """The row of each reading's sensor and its calibrated value.

        Both arguments are contiguous, at least one long, and belong to the caller; every value is valid. Row -1
        says that there is no such sensor; the calibrated value beside it may be anything.
        """

    @abstractmethod
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        """Add accepted readings, in arrival order, to `self._window`; the arrays are overwritten afterwards."""


def _contiguous(array: NDArray[Any]) -> NDArray[Any]:
    """`array` itself, or a copy where its items lie apart or at odd addresses."""
    return array if array.flags.c_contiguous and array.flags.aligned else array.copy()
