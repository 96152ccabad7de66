"""Polars: every documented way that was tried."""

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from way import HeldBack, Way, scatter

from harness.contract import MAX_VALUE, Floats, Sensors
from implementations.parts.accepted import Rows
from implementations.processors.polars_join import PolarsJoin

_VALUE = pl.col("value")
_CALIBRATED = (_VALUE * pl.col("gain") + pl.col("offset")).alias("calibrated")
_STATISTICS = {
    "count": pl.len(),
    "sum": _VALUE.cast(pl.Float64).sum(),
    "minimum": _VALUE.min(),
    "maximum": _VALUE.max(),
    "last": _VALUE.last(),
}


class _Table(PolarsJoin):
    """Has the sensor table as a frame."""

    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        self.frame = self._table.collect()

    def _answer(self, found: pl.DataFrame) -> tuple[Rows, Floats]:
        """Rows and calibrated values of a frame that has a line for each reading, with nulls."""
        found = found.select(pl.col("row").fill_null(-1), _CALIBRATED.fill_null(0.0))
        return found["row"].to_numpy(), found["calibrated"].to_numpy()


class _LeftEager(_Table):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        batch = pl.DataFrame({"id": sensor_id, "value": value})
        return self._answer(batch.join(self.frame, on="id", how="left", maintain_order="left"))


class _CheckedInQuery(_Table):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        batch = pl.DataFrame({"id": sensor_id, "value": value}).join(
            self.frame, on="id", how="left", maintain_order="left"
        )
        checked = pl.when(_VALUE.abs() <= MAX_VALUE).then(_CALIBRATED).fill_null(float("nan")).cast(pl.Float32)
        found = batch.select(pl.col("row").fill_null(-1), checked.alias("calibrated"))
        return found["row"].to_numpy(), found["calibrated"].to_numpy()


class _LeftLazy(_Table):
    engine: Literal["in-memory", "streaming"] = "in-memory"

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        found = (
            pl.LazyFrame({"id": sensor_id, "value": value})
            .join(self._table, on="id", how="left", maintain_order="left")
            .select(pl.col("row").fill_null(-1), _CALIBRATED.fill_null(0.0))
            .collect(engine=self.engine)
        )
        return found["row"].to_numpy(), found["calibrated"].to_numpy()


class _LeftStreaming(_LeftLazy):
    engine = "streaming"


class _SortedTable(_LeftLazy):
    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        self._table = self.frame.sort("id").with_columns(pl.col("id").set_sorted()).lazy()


class _Unordered(_Table):
    engine: Literal["in-memory", "streaming"] = "in-memory"
    build_side: Literal["auto", "force_left"] = "auto"

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        found = (
            pl.LazyFrame({"id": sensor_id, "value": value})
            .with_row_index("position")
            .join(self._table, on="id", how="inner", build_side=self.build_side)
            .select("position", "row", _CALIBRATED)
            .collect(engine=self.engine)
        )
        row, calibrated = np.full(len(sensor_id), -1, np.int32), np.zeros(len(sensor_id), np.float32)
        position = found["position"].to_numpy()
        row[position], calibrated[position] = found["row"].to_numpy(), found["calibrated"].to_numpy()
        return row, calibrated


class _UnorderedStreaming(_Unordered):
    engine = "streaming"


class _BuiltOnReadings(_Unordered):
    engine = "streaming"
    build_side = "force_left"


class _ReplaceStrict(_Table):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        ids = pl.Series("row", sensor_id)
        row = ids.replace_strict(self.frame["id"], self.frame["row"], default=None, return_dtype=pl.Int32)
        gain, offset = self.frame["gain"].gather(row), self.frame["offset"].gather(row)
        return self._answer(pl.DataFrame([row, pl.Series("value", value), gain, offset]))


class _RowsOnly(_Table):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        found = pl.DataFrame({"id": sensor_id}).join(
            self.frame.select("id", "row"), on="id", how="left", maintain_order="left"
        )
        gain, offset = self.frame["gain"].gather(found["row"]), self.frame["offset"].gather(found["row"])
        return self._answer(pl.DataFrame([found["row"], pl.Series("value", value), gain, offset]))


class _GroupLazy(PolarsJoin):
    engine: Literal["in-memory", "streaming"] = "in-memory"

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        groups = pl.LazyFrame({"row": row, "value": calibrated}).group_by("row").agg(**_STATISTICS)
        self._window.merge(*(column.to_numpy() for column in groups.collect(engine=self.engine)))


class _GroupStreaming(_GroupLazy):
    engine = "streaming"


class _GroupEager(PolarsJoin):
    keep_order = False

    def _grouped(self, frame: pl.DataFrame) -> None:
        """Add the statistics of `frame`."""
        groups = frame.group_by("row", maintain_order=self.keep_order).agg(**_STATISTICS)
        self._window.merge(*(column.to_physical().to_numpy() for column in groups))


class _GroupSorted(_GroupEager):
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        self._grouped(pl.DataFrame({"row": row, "value": calibrated}).sort("row", maintain_order=True))


class _GroupOrdered(_GroupEager):
    keep_order = True

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        self._grouped(pl.DataFrame({"row": row, "value": calibrated}))


class _GroupEnum(_GroupEager):
    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        self.categories = pl.Enum([str(row) for row in range(len(sensors))])

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        key = pl.Series("row", row.astype(np.uint32)).cat.to(self.categories)
        self._grouped(pl.DataFrame([key, pl.Series("value", calibrated)]))


class _Scattered(PolarsJoin):
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        scatter(self._window, row.astype(np.intp), calibrated)


def joining(streaming_from: int) -> PolarsJoin:
    """The peer, never searching."""
    return PolarsJoin(search_ratio=10_000, streaming_from=streaming_from)


WAYS = (
    Way("the peer", "inner `join` in the readings' order, or `search_sorted`; `group_by().agg()`", PolarsJoin),
    Way("match", "inner `join(maintain_order='left')`, in-memory engine, always", lambda: joining(100_000_000)),
    Way("match", "inner `join(maintain_order='left')`, streaming engine, always", lambda: joining(1)),
    Way("match", "`search_sorted`, `gather`, always", lambda: PolarsJoin(search_ratio=0.001)),
    Way("match", "left `join`, eager", _LeftEager),
    Way("match", "left `join`, eager, value checked in the query (`when`, `then`)", _CheckedInQuery),
    Way("match", "left `join`, lazy, in-memory engine", _LeftLazy),
    Way("match", "left `join`, lazy, streaming engine", _LeftStreaming),
    Way("match", "left `join`, lazy, table sorted and flagged so", _SortedTable),
    Way("match", "inner `join` in any order, in-memory engine", _Unordered),
    Way("match", "inner `join` in any order, streaming engine", _UnorderedStreaming),
    Way("match", "inner `join(build_side='force_left')`, streaming engine", _BuiltOnReadings),
    Way("match", "`replace_strict` to rows, `gather`", _ReplaceStrict),
    Way("match", "left `join` for rows alone, `gather`", _RowsOnly),
    Way("aggregate", "`group_by().agg()`, lazy, in-memory engine", _GroupLazy),
    Way("aggregate", "`group_by().agg()`, lazy, streaming engine", _GroupStreaming),
    Way("aggregate", "`sort`, then `group_by().agg()`", _GroupSorted),
    Way("aggregate", "`group_by(maintain_order=True).agg()`", _GroupOrdered),
    Way("aggregate", "`group_by().agg()` by an `Enum`", _GroupEnum),
    Way("aggregate", "NumPy `ufunc.at`", _Scattered, "not Polars"),
    Way("when", "aggregated with every batch", lambda: PolarsJoin(most_waiting=1)),
    Way("when", "100,000 readings held back, then joined together", lambda: HeldBack(PolarsJoin()), "values lag"),
)
