"""The data that passes through a processor: sensors, readings, statistics, history.

All are frozen, hold one-dimensional NumPy arrays of fixed dtypes and hand them out read-only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import ContractError

Floats = NDArray[np.float32]

RECORD_DTYPE = np.dtype([("sensor_id", "<u4"), ("value", "<f4"), ("time", "<i8")])
"""One reading as 16 bytes: what a record file holds, and what strided batches are views of."""

MAX_CALIBRATION = 2.0**60
"""Largest size of a gain or an offset; with MAX_VALUE it keeps calibration from overflowing float32."""

MAX_VALUE = 2.0**64
"""Largest size of a value that counts as valid."""


def _frozen(array: object, expected: np.dtype[Any], name: str) -> NDArray[Any]:
    """Check dtype and shape of `array` and return a read-only view of it, without a copy."""
    if not isinstance(array, np.ndarray) or array.dtype != expected or array.ndim != 1:
        given = f"{array.dtype} of shape {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ContractError(f"{name} is {given}; expected a one-dimensional {expected} array")
    view = array.view()
    view.flags.writeable = False
    return view


def _dtypes(**names: str) -> dict[str, np.dtype[Any]]:
    return {column: np.dtype(name) for column, name in names.items()}


_SENSOR_DTYPES = _dtypes(id="uint32", gain="float32", offset="float32")
_READING_DTYPES = _dtypes(sensor_id="uint32", time="int64", value="float32")
_STATISTICS_DTYPES = _dtypes(count="int64", sum="float64", minimum="float32", maximum="float32", last="float32")
_HISTORY_DTYPES = _dtypes(sensor_id="uint32", time="int64", calibrated="float32")


def _freeze(instance: object, dtypes: dict[str, np.dtype[Any]]) -> None:
    for name, dtype in dtypes.items():
        object.__setattr__(instance, name, _frozen(getattr(instance, name), dtype, name))
    lengths = {name: len(getattr(instance, name)) for name in dtypes}
    if len(set(lengths.values())) > 1:
        raise ContractError(f"arrays of unequal length {lengths}; expected one entry a row in each")


@dataclass(frozen=True, slots=True, eq=False)
class Sensors:
    """The sensor table: S rows in table order.

    Parameters
    ----------
    id : uint32[S]
        Unique, arbitrary; 0 and 2**32 - 1 are legal.
    gain, offset : float32[S]
        Finite and at most 2**60 in size.

    Raises
    ------
    ContractError
        On repeated ids, unequal lengths, other dtypes, or a gain or offset out of range.
    """

    id: NDArray[np.uint32]
    gain: Floats
    offset: Floats

    def __post_init__(self) -> None:
        _freeze(self, _SENSOR_DTYPES)
        ordered = np.sort(self.id)
        repeated = ordered[1:][ordered[1:] == ordered[:-1]]
        if len(repeated):
            raise ContractError(f"sensor id {repeated[0]} is repeated; expected unique ids: drop or rename the double")
        for name in ("gain", "offset"):
            wrong = np.flatnonzero(~(np.abs(getattr(self, name)) <= MAX_CALIBRATION))
            if len(wrong):
                raise ContractError(
                    f"{name} of sensor {self.id[wrong[0]]} is {getattr(self, name)[wrong[0]]}; "
                    "expected a finite number of at most 2**60 in size"
                )

    def __len__(self) -> int:
        return len(self.id)

    @classmethod
    def empty(cls) -> Self:
        """A table without sensors: every reading is unmatched."""
        return cls(np.empty(0, np.uint32), np.empty(0, np.float32), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """A batch of readings in arrival order, as a structure of arrays; contiguous or strided, read-only.

    Parameters
    ----------
    sensor_id : uint32[n]
    time : int64[n]
        Nanoseconds since the epoch; any value, may repeat and go backwards.
    value : float32[n]
    """

    sensor_id: NDArray[np.uint32]
    time: NDArray[np.int64]
    value: Floats

    def __post_init__(self) -> None:
        _freeze(self, _READING_DTYPES)

    def __len__(self) -> int:
        return len(self.sensor_id)

    def __getitem__(self, part: slice) -> "Readings":
        return Readings(self.sensor_id[part], self.time[part], self.value[part])

    @classmethod
    def trusted(cls, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], value: Floats) -> Self:
        """Without the checks, for one who hands out many small batches: read-only arrays of these dtypes, equally long.

        A tenth of what the checks cost (0.2 instead of 2 microseconds).
        """
        self = object.__new__(cls)
        _SET_SENSOR_ID(self, sensor_id)
        _SET_TIME(self, time)
        _SET_VALUE(self, value)
        return self

    @staticmethod
    def empty() -> "Readings":
        """No reading: a poll. It is always the same."""
        return _NO_READINGS

    @classmethod
    def of_records(cls, records: NDArray[np.void]) -> Self:
        """Strided views of `records` (RECORD_DTYPE), without a copy."""
        return cls(records["sensor_id"], records["time"], records["value"])

    def to_records(self) -> NDArray[np.void]:
        """A copy as RECORD_DTYPE, 16 bytes a reading."""
        records = np.empty(len(self), RECORD_DTYPE)
        records["sensor_id"], records["time"], records["value"] = self.sensor_id, self.time, self.value
        return records

    def batches(self, size: int) -> Iterator["Readings"]:
        """Consecutive slices of at most `size` readings."""
        for start in range(0, len(self), size):
            yield self[start : start + size]


_NO_READINGS = Readings(np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.float32))
_SET_SENSOR_ID, _SET_TIME, _SET_VALUE = (vars(Readings)[name].__set__ for name in ("sensor_id", "time", "value"))


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Statistics of one window, one row a sensor in table order.

    Parameters
    ----------
    count : int64[S]
    sum : float64[S]
    minimum, maximum, last : float32[S]
        NaN for a sensor without accepted readings, whose count and sum are 0.
    unmatched, invalid : int
        Readings rejected because of their id; readings of known sensors rejected because of their value.
    """

    count: NDArray[np.int64]
    sum: NDArray[np.float64]
    minimum: Floats
    maximum: Floats
    last: Floats
    unmatched: int
    invalid: int

    def __post_init__(self) -> None:
        _freeze(self, _STATISTICS_DTYPES)

    def __len__(self) -> int:
        return len(self.count)

    def again(self, unmatched: int, invalid: int) -> "Statistics":
        """The same columns, filled anew, for another window: what has been checked is not checked again."""
        if (unmatched, invalid) == (self.unmatched, self.invalid):
            return self
        other = object.__new__(Statistics)
        for name in _STATISTICS_DTYPES:
            object.__setattr__(other, name, getattr(self, name))
        object.__setattr__(other, "unmatched", unmatched)
        object.__setattr__(other, "invalid", invalid)
        return other


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The retained readings, oldest first.

    Parameters
    ----------
    sensor_id : uint32[h]
    time : int64[h]
    calibrated : float32[h]
    """

    sensor_id: NDArray[np.uint32]
    time: NDArray[np.int64]
    calibrated: Floats

    def __post_init__(self) -> None:
        _freeze(self, _HISTORY_DTYPES)

    def __len__(self) -> int:
        return len(self.sensor_id)


def arrays_of(data: Sensors | Readings | Statistics | History) -> dict[str, NDArray[Any]]:
    """The arrays of `data` by field name, in declared order."""
    found = {field.name: getattr(data, field.name) for field in fields(data)}
    return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}
