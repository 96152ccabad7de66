"""DuckDB: every documented way that was tried."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from way import HeldBack, Way, scatter

from harness.contract import Floats, Sensors, Statistics
from implementations.parts.accepted import Rows
from implementations.processors.duckdb_sql import DuckdbSql

_NAMES = ("row", "count", "sum", "minimum", "maximum", "last")
_INNER = 'SELECT position, row, value * gain + "offset" AS calibrated FROM batch JOIN sensors USING (id)'


class _Direct(DuckdbSql):
    """One statement a batch, not prepared."""

    query = _INNER

    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        self._connection.execute("PRAGMA enable_optimizer")

    def _given(self, columns: dict[str, NDArray[Any]]) -> Any:
        """What the statement reads as `batch`."""
        return columns

    def _found(self, batch: Any) -> dict[str, Any]:
        """The result's columns; DuckDB finds `batch` by its name."""
        found: dict[str, Any] = self._connection.execute(self.query).fetchnumpy()
        return found

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        count = len(sensor_id)
        position = np.arange(count, dtype=np.uint32)
        found = self._found(self._given({"position": position, "id": sensor_id, "value": value}))
        row, calibrated = np.full(count, -1, np.int32), np.zeros(count, np.float32)
        row[found["position"]], calibrated[found["position"]] = found["row"], found["calibrated"]
        return row, calibrated


class _Registered(_Direct):
    def _found(self, batch: Any) -> dict[str, Any]:
        self._connection.register("batch", batch)
        return super()._found(batch)


class _LeftJoin(_Direct):
    query = """SELECT position, coalesce(row, -1) AS row, coalesce(value * gain + "offset", 0) AS calibrated
               FROM batch LEFT JOIN sensors USING (id)"""


class _Ordered(_Direct):
    query = _INNER + " ORDER BY position"


class _CheckedInSql(_Direct):
    query = """SELECT position, row, CASE WHEN abs(value) <= 18446744073709551616::FLOAT
               THEN value * gain + "offset" ELSE 'nan'::FLOAT END AS calibrated FROM batch JOIN sensors USING (id)"""


class _FromPandas(_Direct):
    def _given(self, columns: dict[str, NDArray[Any]]) -> Any:
        return pd.DataFrame(columns, copy=False)


class _FromArrow(_Direct):
    def _given(self, columns: dict[str, NDArray[Any]]) -> Any:
        return pa.table(columns)


class _ArrowBothWays(_FromArrow):
    def _found(self, batch: Any) -> dict[str, Any]:
        table = self._connection.sql(self.query).to_arrow_table()
        return {name: table[name].to_numpy() for name in table.column_names}


class _Inserted(_Direct):
    query = _INNER.replace("batch", "taken")

    def _found(self, batch: Any) -> dict[str, Any]:
        self._connection.execute("CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM batch")
        return super()._found(batch)


class _PrimaryKey(_Direct):
    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        self._connection.execute("ALTER TABLE sensors ADD PRIMARY KEY (id)")


class _Grouped(DuckdbSql):
    """Another way to find the last value, or another input."""

    last = "last(value)"
    settings: tuple[str, ...] = ()

    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        for setting in self.settings:
            self._connection.execute(setting)

    def _given(self, columns: dict[str, NDArray[Any]]) -> Any:
        """What the statement reads as `waiting`."""
        return columns

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        position = np.arange(len(row), dtype=np.uint32)
        waiting = self._given({"row": row, "value": calibrated, "position": position})
        self._connection.register("waiting", waiting)
        groups = self._connection.execute(
            f"""SELECT row, count(*) AS count, sum(value::DOUBLE) AS sum, min(value) AS minimum,
                max(value) AS maximum, {self.last} AS last FROM waiting GROUP BY row"""  # noqa: S608
        ).fetchnumpy()
        if self.last == "max(position)":
            groups["last"] = calibrated[groups["last"]]
        self._window.merge(*(groups[name] for name in _NAMES))


class _ArgMax(_Grouped):
    last = "arg_max(value, position)"


class _OrderedLast(_Grouped):
    last = "last(value ORDER BY position)"


class _PerfectHash(_Grouped):
    last = "max(position)"
    settings = ("PRAGMA enable_optimizer", "SET perfect_ht_threshold = 20")


class _GroupedArrow(_Grouped):
    last = "max(position)"

    def _given(self, columns: dict[str, NDArray[Any]]) -> Any:
        return pa.table(columns)


class _Stored(DuckdbSql):
    """Keeps the window's rows in a DuckDB table instead of arrays."""

    def __init__(self) -> None:
        super().__init__(most_waiting=1)

    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        self._connection.execute("CREATE TABLE stored (row INTEGER, value FLOAT, position UINTEGER)")
        self.stored = 0

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        position = np.arange(self.stored, self.stored + len(row), dtype=np.uint32)
        waiting = {"row": row, "value": calibrated, "position": position}
        self.stored += len(row)
        self._connection.register("waiting", waiting)
        self._connection.execute("INSERT INTO stored SELECT * FROM waiting")
        self._connection.unregister("waiting")

    def close_window(self) -> Statistics:
        """Group what is stored, then close."""
        groups = self._connection.execute(
            """SELECT row, count(*) AS count, sum(value::DOUBLE) AS sum, min(value) AS minimum,
               max(value) AS maximum, arg_max(value, position) AS last FROM stored GROUP BY row"""
        ).fetchnumpy()
        self._connection.execute("TRUNCATE stored")
        self.stored = 0
        self._window.merge(*(groups[name] for name in _NAMES))
        return super().close_window()


class _Scattered(DuckdbSql):
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        scatter(self._window, row.astype(np.intp), calibrated)


WAYS = (
    Way("the peer", "inner `JOIN` prepared over registered NumPy buffers; `GROUP BY`, `max(position)`", DuckdbSql),
    Way("match", "the same, optimizer always on", lambda: DuckdbSql(optimizer_from=1)),
    Way("match", "the same, optimizer always off", lambda: DuckdbSql(optimizer_from=100_000_000)),
    Way("match", "inner `JOIN` of a replacement scan of NumPy arrays", _Direct),
    Way("match", "inner `JOIN` of registered NumPy arrays", _Registered),
    Way("match", "inner `JOIN` of a pandas frame", _FromPandas),
    Way("match", "inner `JOIN` of an Arrow table", _FromArrow),
    Way("match", "inner `JOIN` of an Arrow table, result as Arrow", _ArrowBothWays),
    Way("match", "inner `JOIN` of a temporary table, batch inserted first", _Inserted),
    Way("match", "inner `JOIN` with a table that has a primary key", _PrimaryKey),
    Way("match", "inner `JOIN`, `ORDER BY position`", _Ordered),
    Way("match", "inner `JOIN`, value checked in SQL (`CASE`)", _CheckedInSql),
    Way("match", "`LEFT JOIN`", _LeftJoin),
    Way("aggregate", "`last(value)`", _Grouped, "order not promised"),
    Way("aggregate", "`arg_max(value, position)`", _ArgMax),
    Way("aggregate", "`last(value ORDER BY position)`", _OrderedLast),
    Way("aggregate", "`SET perfect_ht_threshold = 20`", _PerfectHash),
    Way("aggregate", "from an Arrow table", _GroupedArrow),
    Way("aggregate", "accepted readings inserted into a table, `arg_max(value, position)`", _Stored),
    Way("aggregate", "NumPy `ufunc.at`", _Scattered, "not DuckDB"),
    Way("when", "aggregated with every batch", lambda: DuckdbSql(most_waiting=1)),
    Way("when", "100,000 readings held back, then joined together", lambda: HeldBack(DuckdbSql()), "values lag"),
)
