"""PyArrow: rows found by compute functions, statistics by Table.group_by."""

from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray

from harness.contract import Approach, Floats, LogRange, Sensors, allowed_threads
from implementations.parts.accepted import Rows
from implementations.parts.deferred import DeferredProcessor
from implementations.parts.requirement import missing

if TYPE_CHECKING:
    import pyarrow as pa


class PyarrowCompute(DeferredProcessor):
    """What a PyArrow user would reach for, in the fastest of its spellings.

    Time O(1 + S/n) a reading in a batch of n where it hashes, O(log S) where it searches; memory 16 bytes a
    retained reading, about 100 a sensor.

    Parameters
    ----------
    most_waiting
        How many accepted readings may wait to be grouped together.
    search_ratio
        A table that outnumbers the batch by more than this is searched (``search_sorted``) instead of hashed:
        ``index_in`` hashes the whole table for every batch.

    Notes
    -----
    ``Table.join`` takes three times as long as ``index_in`` and loses the order. ``last`` is an ordered aggregation,
    which PyArrow offers on one thread alone. docs/peers.md lists every spelling that was tried with its figure.

    References
    ----------
    .. [1] https://arrow.apache.org/docs/python/compute.html
    .. [2] https://arrow.apache.org/docs/python/generated/pyarrow.TableGroupBy.html

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> pyarrow_compute = PyarrowCompute()
    >>> pyarrow_compute.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> pyarrow_compute.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> pyarrow_compute.close_window().last.tolist()
    [8.0, 2.5]
    """

    approach = Approach.PEER

    def __init__(
        self,
        most_waiting: Annotated[int, LogRange(1_000, 10_000_000)] = 500_000,
        search_ratio: Annotated[float, LogRange(0.001, 10_000)] = 8.0,
    ) -> None:
        super().__init__(most_waiting)
        self._search_ratio = search_ratio

    def _open(self, sensors: Sensors) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        pa.set_cpu_count(allowed_threads())
        self._arrow, self._compute = pa, pc
        self._ids, self._gain, self._offset = (pa.array(of) for of in (sensors.id, sensors.gain, sensors.offset))
        order = np.argsort(sensors.id)
        self._ordered_ids = pa.array(sensors.id[order])
        # A search beyond the largest id answers S: one more entry, which cannot be the id that was sought.
        self._order = np.append(order, order[:1]).astype(np.int32)

    def _close(self) -> None:
        for name in ("_ids", "_gain", "_offset", "_ordered_ids", "_order"):
            self.__dict__.pop(name, None)

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        pa, pc = self._arrow, self._compute
        if not len(self._ids):
            return np.full(len(sensor_id), -1, np.int32), value.copy()
        ids = pa.array(sensor_id)
        if len(self._ids) > self._search_ratio * len(ids) and hasattr(pc, "search_sorted"):  # of PyArrow 23 on
            row = self._search(sensor_id, ids)
        else:
            row = pc.index_in(ids, value_set=self._ids)
        calibrated = pc.add(pc.multiply(pa.array(value), self._gain.take(row)), self._offset.take(row))
        if row.null_count:
            row, calibrated = row.fill_null(-1), calibrated.fill_null(0)
        return row.to_numpy(), calibrated.to_numpy()

    def _search(self, sensor_id: NDArray[np.uint32], ids: "pa.Array") -> "pa.Array":
        found = self._compute.search_sorted(self._ordered_ids, ids).to_numpy()
        row = self._order.take(found)
        unknown = self._sensors.id.take(row) != sensor_id
        return self._arrow.array(row, mask=unknown if unknown.any() else None)

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        pa = self._arrow
        value = pa.array(calibrated)
        groups = (
            pa.table({"row": row, "value": value, "wide": value.cast(pa.float64())})
            .group_by("row", use_threads=False)
            .aggregate([("value", "count"), ("wide", "sum"), ("value", "min"), ("value", "max"), ("value", "last")])
        )
        names = ("row", "value_count", "wide_sum", "value_min", "value_max", "value_last")
        self._window.merge(*(groups[name].to_numpy() for name in names))

    @classmethod
    def unavailable(cls) -> str | None:
        """Whether PyArrow is missing."""
        return missing("pyarrow")
