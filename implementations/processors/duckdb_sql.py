"""DuckDB: readings joined with the sensor table and grouped in SQL."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Approach, Floats, LogRange, Sensors, allowed_threads
from implementations.parts.accepted import Rows
from implementations.parts.deferred import DeferredProcessor
from implementations.parts.requirement import missing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_JOIN = """
    PREPARE {statement} AS
    SELECT position, row, value * gain + "offset" AS calibrated FROM {left} JOIN {right} USING (id)
"""
_PART = "(SELECT * FROM {batch} WHERE position < $1) AS part"
_GROUP = """
    SELECT row, count(*) AS count, sum(value::DOUBLE) AS sum, min(value) AS minimum, max(value) AS maximum,
           max(position) AS last
    FROM waiting GROUP BY row
"""


class _Join:
    """The join, prepared over buffers that DuckDB reads in place: up to `most` readings a time."""

    def __init__(self, connection: "DuckDBPyConnection", name: str, most: int, table_is_larger: bool) -> None:
        self.most = most
        self._connection, self._name = connection, name
        self._id, self._value = np.zeros(most, np.uint32), np.zeros(most, np.float32)
        columns = {"position": np.arange(most, dtype=np.uint32), "id": self._id, "value": self._value}
        connection.register(name, columns)
        for statement, batch in (("whole", name), ("part", _PART.format(batch=name))):
            # Without the optimizer the hash table is built on the right side.
            left, right = ("sensors", batch) if table_is_larger else (batch, "sensors")
            connection.execute(_JOIN.format(statement=f"{name}_{statement}", left=left, right=right))

    def __call__(self, sensor_id: NDArray[np.uint32], value: Floats) -> dict[str, NDArray[Any]]:
        """Position, row and calibrated value of each reading that has a sensor, in any order."""
        count = len(sensor_id)
        self._id[:count], self._value[:count] = sensor_id, value
        statement = f"{self._name}_whole" if count == self.most else f"{self._name}_part({count})"
        joined: dict[str, NDArray[Any]] = self._connection.execute(f"EXECUTE {statement}").fetchnumpy()
        return joined

    def release(self) -> None:
        """Forget statements and buffers."""
        for statement in ("whole", "part"):
            self._connection.execute(f"DEALLOCATE {self._name}_{statement}")
        self._connection.unregister(self._name)


class DuckdbSql(DeferredProcessor):
    """What a DuckDB user would reach for, in the fastest of its spellings.

    Time O(1 + S/n) a reading in a batch of n: the join hashes or scans the sensor table for every batch; memory
    16 bytes a retained reading, DuckDB's table and up to twice the largest batch.

    Parameters
    ----------
    most_waiting
        How many accepted readings may wait to be grouped together.
    optimizer_from
        Tables of at least this many sensors are joined with DuckDB's optimizer; below, what it costs a query is
        more than it saves, and the side to build the hash table on is chosen here.

    Notes
    -----
    A query costs from 0.3 to 1 ms before it reads a row. Half of that is saved by preparing the join once, over
    NumPy buffers that stay registered and are filled anew for each batch. DuckDB promises no order for the
    output of a join nor for the input of an aggregate, so a position travels with each reading. FLOAT arithmetic
    is float32 arithmetic; only the sum is cast to DOUBLE.
    docs/peers.md lists every spelling that was tried with its figure.

    References
    ----------
    .. [1] https://duckdb.org/docs/stable/guides/performance/overview
    .. [2] https://duckdb.org/docs/stable/sql/query_syntax/prepared_statements
    .. [3] https://duckdb.org/docs/stable/sql/dialect/order_preservation

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> duckdb_sql = DuckdbSql()
    >>> duckdb_sql.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> duckdb_sql.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> duckdb_sql.close_window().last.tolist()
    [8.0, 2.5]
    >>> duckdb_sql.stop()
    """

    approach = Approach.PEER
    threads = "many"
    sum_depends_on_scheduling = True

    def __init__(
        self,
        most_waiting: Annotated[int, LogRange(1_000, 10_000_000)] = 500_000,
        optimizer_from: Annotated[int, LogRange(1, 100_000_000)] = 200_000,
    ) -> None:
        super().__init__(most_waiting)
        self._optimizer_from = optimizer_from

    def _open(self, sensors: Sensors) -> None:
        import duckdb

        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": allowed_threads(),
                "preserve_insertion_order": False,
                "temp_directory": "",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        row = np.arange(len(sensors), dtype=np.int32)
        columns = {"id": sensors.id, "row": row, "gain": sensors.gain, "offset": sensors.offset}
        self._connection.register("given", columns)
        self._connection.execute("CREATE TABLE sensors AS SELECT * FROM given")
        self._connection.unregister("given")
        if len(sensors) < self._optimizer_from:
            self._connection.execute("PRAGMA disable_optimizer")
        self._joins: dict[int, _Join] = {}
        self._position = np.arange(0, dtype=np.uint32)

    def _close(self) -> None:
        if "_connection" in self.__dict__:
            self._connection.close()
        for name in ("_connection", "_joins", "_position"):
            self.__dict__.pop(name, None)

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        count = len(sensor_id)
        joined = self._join(count)(sensor_id, value)
        position = joined["position"]
        if len(position) == count:
            row, calibrated = np.empty(count, np.int32), np.empty(count, np.float32)
        else:
            row, calibrated = np.full(count, -1, np.int32), np.zeros(count, np.float32)
        row[position], calibrated[position] = joined["row"], joined["calibrated"]
        return row, calibrated

    def _join(self, count: int) -> _Join:
        """The join for batches of about `count` readings, so that a short batch scans few buffers in vain."""
        size = count.bit_length()
        known = self._joins.get(size)
        if known is None or known.most < count:
            if known is not None:
                known.release()
            known = _Join(self._connection, f"batch_{size}", count, len(self._sensors) > count)
            self._joins[size] = known
        return known

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        if len(self._position) < len(row):
            self._position = np.arange(len(row), dtype=np.uint32)
        self._connection.register("waiting", {"row": row, "value": calibrated, "position": self._position[: len(row)]})
        groups = self._connection.execute(_GROUP).fetchnumpy()
        self._connection.unregister("waiting")
        self._window.merge(
            groups["row"],
            groups["count"],
            groups["sum"],
            groups["minimum"],
            groups["maximum"],
            calibrated[groups["last"]],
        )

    @classmethod
    def unavailable(cls) -> str | None:
        """Whether DuckDB is missing."""
        return missing("duckdb")

    def facts(self) -> Mapping[str, float | int | str]:
        """How many threads DuckDB was given."""
        return {"duckdb_threads": allowed_threads()} if self._running else {}
