"""pandas: every documented way that was tried."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from way import HeldBack, Way

from harness.contract import Floats, Sensors
from implementations.parts.accepted import Rows
from implementations.processors.pandas_merge import PandasMerge


class _Frame(PandasMerge):
    """Has the sensor table as a frame, with and without its ids as index."""

    def _open(self, sensors: Sensors) -> None:
        super()._open(sensors)
        row = np.arange(len(sensors))
        self.frame = pd.DataFrame({"id": sensors.id, "row": row, "gain": sensors.gain, "offset": sensors.offset})
        self.indexed = self.frame.set_index("id")

    def _answer(self, found: pd.DataFrame, value: Floats) -> tuple[Rows, Floats]:
        """Rows and calibrated values of a frame that has a line for each reading."""
        calibrated = value * found["gain"].to_numpy() + found["offset"].to_numpy()
        return found["row"].fillna(-1).to_numpy(np.intp), calibrated


class _Merge(_Frame):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        return self._answer(pd.DataFrame({"id": sensor_id}, copy=False).merge(self.frame, on="id", how="left"), value)


class _Join(_Frame):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        return self._answer(pd.DataFrame({"id": sensor_id}, copy=False).join(self.indexed, on="id"), value)


class _Map(_Frame):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        ids = pd.Series(sensor_id, copy=False)
        return self._answer(pd.DataFrame({name: ids.map(self.indexed[name]) for name in self.indexed}), value)


class _Reindex(_Frame):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        return self._answer(self.indexed.reindex(sensor_id), value)


class _CategoricalCodes(PandasMerge):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        row = pd.Categorical(sensor_id, categories=self._index).codes.astype(np.intp)
        gain_offset = self._gain_offset.take(row, axis=0)
        return row, gain_offset[:, 0] * value + gain_offset[:, 1]


class _TwoTakes(PandasMerge):
    def _match(self, sensor_id: NDArray[np.uint32], value: Floats) -> tuple[Rows, Floats]:
        row = self._index.get_indexer(pd.Index(sensor_id))
        gain, offset = np.append(self._sensors.gain, np.float32(0)), np.append(self._sensors.offset, np.float32(0))
        return row, gain.take(row) * value + offset.take(row)


class _NamedAggregation(PandasMerge):
    sort = True

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        frame = pd.DataFrame({"row": row, "value": calibrated, "wide": calibrated.astype(np.float64)}, copy=False)
        found = frame.groupby("row", sort=self.sort).agg(
            count=("value", "size"),
            sum=("wide", "sum"),
            minimum=("value", "min"),
            maximum=("value", "max"),
            last=("value", "last"),
        )
        self._window.merge(found.index.to_numpy(), *(found[name].to_numpy() for name in found))


class _Unsorted(_NamedAggregation):
    sort = False


class _SortedFirst(_NamedAggregation):
    sort = False

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        order = np.argsort(row, kind="stable")
        super()._aggregate(row[order], calibrated[order])


class _ByCategorical(PandasMerge):
    observed = False

    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        dtype = pd.CategoricalDtype(pd.RangeIndex(len(self._sensors)))
        key: Any = pd.Categorical.from_codes(row, dtype=dtype, validate=False)
        values: Any = pd.Series(calibrated, copy=False).groupby(key, observed=self.observed, sort=False)
        wide: Any = pd.Series(calibrated.astype(np.float64), copy=False).groupby(
            key, observed=self.observed, sort=False
        )
        count = values.size()
        seen = (count > 0).to_numpy()
        columns = (count, wide.sum(), values.min(), values.max(), values.last())
        self._window.merge(count.index.to_numpy(np.intp)[seen], *(column.to_numpy()[seen] for column in columns))


class _ByObserved(_ByCategorical):
    observed = True


class _NumbaEngine(PandasMerge):
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        values: Any = pd.Series(calibrated, copy=False).groupby(row, sort=False)
        wide: Any = pd.Series(calibrated.astype(np.float64), copy=False).groupby(row, sort=False)
        total, minimum, maximum = wide.sum(engine="numba"), values.min(engine="numba"), values.max(engine="numba")
        columns = (values.size(), total, minimum, maximum, values.last())
        self._window.merge(total.index.to_numpy(), *(column.to_numpy() for column in columns))


class _Bincount(PandasMerge):
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        window = self._window
        window.count += np.bincount(row, minlength=len(window.count))
        window.sum += np.bincount(row, calibrated, minlength=len(window.count))
        np.minimum.at(window.minimum, row, calibrated)
        np.maximum.at(window.maximum, row, calibrated)
        window.last[row] = calibrated


class _Reduceat(PandasMerge):
    def _aggregate(self, row: Rows, calibrated: Floats) -> None:
        narrow = row.astype(np.uint16) if len(self._sensors) <= 2**16 else row  # 16 bits are sorted by radix
        order = np.argsort(narrow, kind="stable")
        ordered, values = row[order], calibrated[order]
        first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        last = np.append(first[1:], len(row))
        self._window.merge(
            ordered[first],
            last - first,
            np.add.reduceat(values, first, dtype=np.float64),
            np.minimum.reduceat(values, first),
            np.maximum.reduceat(values, first),
            values[last - 1],
        )


WAYS = (
    Way("the peer", "`Index.get_indexer`, `take` from one table of both coefficients; `ufunc.at`", PandasMerge),
    Way("match", "`DataFrame.merge(how='left')`", _Merge),
    Way("match", "`DataFrame.join` on the indexed table", _Join),
    Way("match", "`Series.map`, a column at a time", _Map),
    Way("match", "`DataFrame.reindex`", _Reindex),
    Way(
        "match",
        "`Categorical(ids, categories=...)`, its codes, `take`",
        _CategoricalCodes,
        "deprecated for unknown ids",
    ),
    Way("match", "`Index.get_indexer`, two `take`s", _TwoTakes),
    Way("aggregate", "`groupby(row).agg(...)`, named", _NamedAggregation),
    Way("aggregate", "`groupby(row, sort=False).agg(...)`", _Unsorted),
    Way("aggregate", "sorted by row, then `groupby(row, sort=False).agg(...)`", _SortedFirst),
    Way("aggregate", "`groupby(Categorical.from_codes(row), observed=False)`", _ByCategorical),
    Way("aggregate", "`groupby(Categorical.from_codes(row), observed=True)`", _ByObserved),
    Way("aggregate", "`groupby(row)` with `engine='numba'`", _NumbaEngine),
    Way("aggregate", "`bincount` for count and sum, `ufunc.at`", _Bincount),
    Way("aggregate", "stable `argsort`, `ufunc.reduceat`", _Reduceat),
    Way("when", "aggregated with every batch", lambda: PandasMerge(most_waiting=1)),
    Way("when", "aggregated whenever 100,000 wait", lambda: PandasMerge(most_waiting=100_000)),
    Way("when", "100,000 readings held back, then matched together", lambda: HeldBack(PandasMerge()), "values lag"),
)
