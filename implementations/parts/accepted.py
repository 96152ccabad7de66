"""Accepted readings kept in one circular buffer that is history and waiting room at once."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import Floats

Rows = NDArray[np.signedinteger[Any]]
Aggregate = Callable[[Rows, Floats], None]


class AcceptedLog:
    """The newest accepted readings; those not yet aggregated always lie in one contiguous piece.

    O(1) a reading; memory 12 bytes and the size of a row number for each of max(`retain`, `most_waiting`, 1).

    Parameters
    ----------
    retain
        How many of the newest readings :meth:`newest` returns.
    most_waiting
        How many readings may wait to be aggregated.
    row_dtype
        What the rows of the sensor table are kept as: signed, 4 or 8 bytes.
    aggregate
        Takes waiting readings over, as rows and calibrated values in arrival order, valid during the call.
    """

    def __init__(self, retain: int, most_waiting: int, row_dtype: DTypeLike, aggregate: Aggregate) -> None:
        capacity = max(retain, most_waiting, 1)
        self._row: Rows = np.empty(capacity, row_dtype)
        self._time = np.empty(capacity, np.int64)
        self._calibrated = np.empty(capacity, np.float32)
        self._retain, self._most_waiting, self._capacity, self._aggregate = retain, most_waiting, capacity, aggregate
        self._end = self._aggregated = 0  # positions in the buffer; what lies between them waits
        self._filled = 0

    def append(self, row: Rows, time: NDArray[np.int64], calibrated: Floats) -> None:
        """Copy accepted readings in; aggregate before waiting ones would be cut by the buffer's end."""
        taken, count = 0, len(row)
        while taken < count:
            if self._end == self._capacity:
                self.drain()
                self._end = self._aggregated = 0
            first = self._end
            end = self._end = min(first + count - taken, self._capacity)
            part = slice(taken, taken + end - first)
            self._row[first:end] = row[part]
            self._time[first:end] = time[part]
            self._calibrated[first:end] = calibrated[part]
            taken += end - first
            if end - self._aggregated >= self._most_waiting:
                self.drain()
        self._filled = min(self._filled + count, self._capacity)

    def drain(self) -> None:
        """Hand what waits to `aggregate`."""
        first, self._aggregated = self._aggregated, self._end
        if first < self._end:
            self._aggregate(self._row[first : self._end], self._calibrated[first : self._end])

    def newest(self) -> tuple[Rows, NDArray[np.int64], Floats]:
        """Rows, times and calibrated values of the newest `retain` readings, oldest first; copies."""
        count = min(self._filled, self._retain)
        positions = slice(max(self._end - count, 0), self._end)
        before = slice(self._capacity - max(count - self._end, 0), self._capacity)

        def joined(array: NDArray[Any]) -> NDArray[Any]:
            return np.concatenate((array[before], array[positions]))

        return joined(self._row), joined(self._time), joined(self._calibrated)
