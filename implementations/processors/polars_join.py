"""Polars: readings joined with the sensor table, statistics by group_by."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from harness.contract import Approach, Floats, LogRange, Sensors, allowed_threads
from implementations.parts.accepted import Rows
from implementations.parts.deferred import DeferredProcessor
from implementations.parts.requirement import missing

if TYPE_CHECKING:
    import polars as pl


class PolarsJoin(DeferredProcessor):
    """What a Polars user would reach for, in the fastest of its spellings.

    Time O(1 + S/n) a reading in a batch of n where it joins, O(log S) where it searches; memory 16 bytes a
    retained reading, about 100 a sensor.

    Parameters
    ----------
    most_waiting
        How many accepted readings may wait to be grouped together.
    search_ratio
        A table that outnumbers the batch by more than this is searched (``search_sorted``) instead of joined:
        a join hashes or scans the whole table for every batch.
    streaming_from
        Tables of at least this many sensors are joined by the streaming engine; below, the in-memory engine
        is quicker.
    streaming_groups
        Up to this many sensors are grouped by the streaming engine; beyond, the in-memory engine is quicker.

    Notes
    -----
    An inner join that keeps the readings' order spares the null handling of a left join; a row index tells which
    readings found no sensor. The documentation promises the order of rows within a group, so ``last`` is the last
    in arrival order. Sums are of float64: Polars would add float32 values in float32.
    docs/peers.md lists every spelling that was tried with its figure.

    References
    ----------
    .. [1] https://docs.pola.rs/api/python/stable/reference/dataframe/api/polars.DataFrame.join.html
    .. [2] https://docs.pola.rs/api/python/stable/reference/dataframe/api/polars.DataFrame.group_by.html

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> polars_join = PolarsJoin()
    >>> polars_join.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> polars_join.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> polars_join.close_window().last.tolist()
    [8.0, 2.5]
    """

    approach = Approach.PEER
    threads = "many"
    sum_depends_on_scheduling = True

    def __init__(
        self,
        most_waiting: Annotated[int, LogRange(1_000, 10_000_000)] = 500_000,
        search_ratio: Annotated[float, LogRange(0.001, 10_000)] = 8.0,
        streaming_from: Annotated[int, LogRange(1, 100_000_000)] = 50_000,
        streaming_groups: Annotated[int, LogRange(1, 100_000_000)] = 2_000,
    ) -> None:
        super().__init__(most_waiting)
        self._search_ratio = search_ratio
        self._streaming_from = streaming_from
        self._streaming_groups = streaming_groups

    def _open(self, sensors: Sensors) -> None:
        os.environ.setdefault("POLARS_MAX_THREADS", str(allowed_threads()))  # read once, by the import
        import polars as pl

        self._polars = pl
        row = np.arange(len(sensors), dtype=np.int32)
        table = pl.DataFrame({"id": sensors.id, "row": row, "gain": sensors.gain, "offset": sensors.offset})
        self._table = table.lazy()
        # A search beyond the largest id answers S: one more entry, which cannot be the id that was sought.
        ordered = table.sort("id")
        self._ids = ordered["id"].set_sorted()
        self._ordered = ordered.vstack(ordered[:1]).rechunk()

    def _close(self) -> None:
        for name in ("_table", "_ids", "_ordered"):
            self.__dict__.pop(name, None)

    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        pl = self._polars
        batch = pl.DataFrame({"id": sensor_id, "value": value})
        if not len(self._ids):
            return np.full(len(sensor_id), -1, np.int32), value.copy()
        if len(self._ids) > self._search_ratio * len(batch):
            return self._search(batch)
        return self._join(batch)

    def _join(self, batch: "pl.DataFrame") -> tuple[Rows, Floats]:
        engine = _engine(streaming=len(self._ids) >= self._streaming_from)
        joined = (
            batch.lazy()
            .with_row_index("position")
            .join(self._table, on="id", how="inner", maintain_order="left")
            .collect(engine=engine)
        )
        row = joined["row"].to_numpy()
        calibrated = (joined["value"] * joined["gain"] + joined["offset"]).to_numpy()
        if len(joined) == len(batch):
            return row, calibrated
        position = joined["position"].to_numpy()
        every_row, every_calibrated = np.full(len(batch), -1, np.int32), np.zeros(len(batch), np.float32)
        every_row[position], every_calibrated[position] = row, calibrated
        return every_row, every_calibrated

    def _search(self, batch: "pl.DataFrame") -> tuple[Rows, Floats]:
        found = self._ordered[self._ids.search_sorted(batch["id"])]
        calibrated = (batch["value"] * found["gain"] + found["offset"]).to_numpy()
        row = found["row"].to_numpy()
        known = (found["id"] == batch["id"]).to_numpy()
        return (row if known.all() else np.where(known, row, np.int32(-1))), calibrated

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        pl = self._polars
        value = pl.col("value")
        groups = (
            pl.LazyFrame({"row": row, "value": calibrated})
            .group_by("row")
            .agg(
                count=pl.len(),
                sum=value.cast(pl.Float64).sum(),
                minimum=value.min(),
                maximum=value.max(),
                last=value.last(),
            )
            .collect(engine=_engine(streaming=len(self._ids) <= self._streaming_groups))
        )
        self._window.merge(*(column.to_numpy() for column in groups))

    @classmethod
    def unavailable(cls) -> str | None:
        """Whether Polars is missing."""
        return missing("polars")

    def facts(self) -> Mapping[str, float | int | str]:
        """How many threads Polars took at its import."""
        return {"polars_threads": self._polars.thread_pool_size()} if self._running else {}


def _engine(streaming: bool) -> Literal["streaming", "in-memory"]:
    return "streaming" if streaming else "in-memory"
