"""Blocks of a table, as Arrow arrays, to readings: what CSV and Parquet have in common."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workloads.recordings.cells import CellError, listed, quoted, shortened
from workloads.recordings.form import REMEDY, SENSOR, Form
from workloads.recordings.numbers import ValueReader
from workloads.recordings.recording import Collector, Recording
from workloads.recordings.times import TimeColumn


class TableReader:
    """Reads the blocks of one table in order into a collector.

    Parameters
    ----------
    form
        Which column is what.
    time_unit
        Of epoch numbers: s, ms, us or ns; None tells it by their size.
    may_be_comma
        Whether texts may have a decimal comma.
    """

    def __init__(self, form: Form, time_unit: str | None = None, may_be_comma: bool = False) -> None:
        self._collector = Collector()
        self._form = form
        self._times = TimeColumn(form.names[form.time], time_unit, may_be_comma)
        self._values = ValueReader(may_be_comma)

    def add(self, columns: Sequence[Any]) -> None:
        """Read a block: the columns of `Form.used`, in that order.

        Raises
        ------
        CellError
            At a cell that cannot be read.
        """
        if not len(columns[0]):
            return
        if self._form.sensor is None:
            self._add_wide(columns)
        else:
            self._add_long(*columns)

    def recording(self, path: Path) -> Recording:
        """All that was read, with notes of what was not.

        Raises
        ------
        InputError
            If no reading was.
        """
        return self._collector.recording(path, tuple(self._notes()))

    def _notes(self) -> Iterator[str]:
        if self._form.ignored:
            yield f"ignored columns: {listed(self._form.ignored)}"
        present = self._collector.names
        silent = [self._form.names[index] for index in self._form.series if self._form.names[index] not in present]
        if silent:
            yield f"columns without a reading: {listed(silent)}"
        if self._values.named_blank and self._form.series:
            yield f"cells that say nan, n/a or the like, read as blank: {self._values.named_blank:,}"
        if self._values.beyond:
            yield f"values too large for float32, read as infinities: {self._values.beyond:,}"

    def _add_long(self, time: Any, sensor: Any, value: Any) -> None:
        import pyarrow as pa

        times = self._times.nanoseconds(time)
        values, _ = self._values.read(value, self._form.names[self._form.value or 0])
        if pa.types.is_dictionary(sensor.type):
            sensor = sensor.dictionary_decode()
        if not (pa.types.is_string(sensor.type) or pa.types.is_large_string(sensor.type)):
            sensor = self._as_names(sensor)
        encoded = sensor.dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        names = [name.strip() for name in encoded.dictionary.to_pylist()]
        blank = np.flatnonzero((codes < 0) | np.isin(codes, [code for code, name in enumerate(names) if not name]))
        if len(blank):
            column = quoted(self._form.names[self._form.sensor or 0])
            raise CellError(int(blank[0]), f"column {column} is blank; expected a sensor's name", "name it")
        self._collector.add(names, codes, times, values)

    def _as_names(self, sensor: Any) -> Any:
        import pyarrow as pa

        if not (pa.types.is_boolean(sensor.type) or pa.types.is_temporal(sensor.type)):
            with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
                return sensor.cast(pa.string())
        column = quoted(self._form.names[self._form.sensor or 0])
        problem = f"column {column} holds {shortened(str(sensor.type))}; expected text or whole numbers"
        raise CellError(0, problem, "convert it to text")

    def _add_wide(self, columns: Sequence[Any]) -> None:
        times = self._times.nanoseconds(columns[0])
        names = [self._form.names[index] for index in self._form.series]
        shape = (len(times), len(names))
        values, present = np.empty(shape, np.float32), np.empty(shape, np.bool_)
        for number, (name, column) in enumerate(zip(names, columns[1:], strict=True)):
            try:
                values[:, number], blank = self._values.read(column, name)
            except CellError as error:
                # Text where a sensor's name would be: most likely a long table with a value column of another name.
                remedy = REMEDY if name.lower() in SENSOR else error.remedy
                raise CellError(error.row, error.problem, remedy) from error
            present[:, number] = ~blank
        row, code = np.nonzero(present)
        appearing = np.flatnonzero(present.any(axis=0))
        order = appearing[np.argsort(present.argmax(axis=0)[appearing], kind="stable")]
        rank = np.empty(len(names), np.int64)
        rank[order] = np.arange(len(order))
        self._collector.add([names[index] for index in order], rank[code], times[row], values[present])
