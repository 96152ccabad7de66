"""PyArrow and NumPy on their own, to see whether they are quicker than one of the three peers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from way import Way, scatter

from harness.contract import Floats, Sensors
from implementations.parts.accepted import Rows
from implementations.parts.deferred import DeferredProcessor
from implementations.processors.pyarrow_compute import PyarrowCompute


class _Joined(PyarrowCompute):
    """``Table.join``, hashing the sensors or the readings."""

    hash_sensors = True

    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        row = np.arange(len(sensors), dtype=np.int32)
        self.table = pa.table({"id": sensors.id, "row": row, "gain": sensors.gain, "offset": sensors.offset})

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        batch = pa.table({"id": sensor_id, "position": np.arange(len(sensor_id), dtype=np.int32), "value": value})
        left, right = (batch, self.table) if self.hash_sensors else (self.table, batch)
        found = left.join(right, "id", join_type="inner", use_threads=False)
        row, calibrated = np.full(len(sensor_id), -1, np.int32), np.zeros(len(sensor_id), np.float32)
        position = found["position"].to_numpy()
        row[position] = found["row"].to_numpy()
        calibrated[position] = pc.add(pc.multiply(found["value"], found["gain"]), found["offset"]).to_numpy()
        return row, calibrated


class _JoinedReversed(_Joined):
    hash_sensors = False


class _ArrowScattered(PyarrowCompute):
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        scatter(self._window, row.astype(np.intp), calibrated)


class _Search(DeferredProcessor):
    """``searchsorted`` finds the rows, ``ufunc.at`` the statistics."""

    row_dtype = np.intp

    def __init__(self) -> None:
        super().__init__(most_waiting=100_000)

    def _open(self, sensors: Sensors) -> None:
        self.order = np.append(np.argsort(sensors.id), -1)
        self.ids = sensors.id[self.order[:-1]]
        self.gain_offset = np.column_stack((sensors.gain, sensors.offset))

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        if not len(self.ids):
            return np.full(len(sensor_id), -1), value
        found = np.searchsorted(self.ids, sensor_id)
        row = self.order.take(found)
        row[self.ids.take(found, mode="clip") != sensor_id] = -1
        gain_offset = self.gain_offset.take(row, axis=0)
        return row, gain_offset[:, 0] * value + gain_offset[:, 1]

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        scatter(self._window, row, calibrated)


WAYS = (
    Way("the peer", "`index_in` or `search_sorted`, `take`; `Table.group_by().aggregate()`", PyarrowCompute),
    Way("match", "`index_in`, always", lambda: PyarrowCompute(search_ratio=10_000)),
    Way("match", "`search_sorted`, always", lambda: PyarrowCompute(search_ratio=0.001)),
    Way("match", "`Table.join` that hashes the sensors", _Joined),
    Way("match", "`Table.join` that hashes the readings", _JoinedReversed),
    Way("aggregate", "NumPy `ufunc.at`", _ArrowScattered, "not PyArrow"),
    Way("when", "aggregated with every batch", lambda: PyarrowCompute(most_waiting=1)),
    Way("NumPy", "`searchsorted`, `take`; `ufunc.at`", _Search),
)
