"""Which column of a table is what: long form (time, sensor, value) or wide (a time column and a column a sensor)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from workloads.recordings.cells import quoted

_TIME = ("time", "timestamp", "datetime", "date_time", "time_ns", "date")
_PERHAPS_TIME = ("ts", "t", "index", "__index_level_0__", "")
SENSOR = (
    "sensor",
    "sensor_id",
    "sensorid",
    "sensor_name",
    "id",
    "device",
    "device_id",
    "series",
    "tag",
    "metric",
    "name",
)
_PLAINLY_SENSOR = frozenset(("sensor", "sensor_id", "sensorid", "sensor_name", "device", "device_id"))
_VALUE = ("value", "reading", "measurement", "val", "v")
RESERVED = frozenset((*_TIME, *_PERHAPS_TIME, *SENSOR, *_VALUE))
"""Names, in small letters, that may mean something else than a sensor."""

REMEDY = (
    "name the columns time,sensor,value (long form, in any order) "
    "or time and one column a sensor (wide form) in the first line"
)


@dataclass(frozen=True, slots=True)
class Form:
    """The columns of a table that hold readings, by index.

    Parameters
    ----------
    names : tuple of str
        Of all columns.
    time : int
    sensor, value : int or None
        In long form; None in wide form.
    series : tuple of int
        In wide form the columns of the sensors, else empty.
    """

    names: tuple[str, ...]
    time: int
    sensor: int | None
    value: int | None
    series: tuple[int, ...]

    @property
    def used(self) -> tuple[int, ...]:
        """The columns that are read."""
        long = (self.sensor, self.value)
        return (self.time, *(index for index in long if index is not None), *self.series)


def find_form(path: Path, names: Sequence[str], timestamps: Sequence[int] = ()) -> Form:
    """Tell the form of a table by the `names` of its columns, compared without case.

    Parameters
    ----------
    timestamps
        Columns known to hold timestamps: the only one is the time column if no name says so plainly.

    Raises
    ------
    InputError
        If there is no time column, no sensor beside it, one name twice, or sensors named beside several columns of
        which none is called a value.
    """
    plain = [name.strip().lower() for name in names]
    time = _find(plain, _TIME)
    if time is None:  # T may be a temperature: a column of timestamps is the likelier one
        time = timestamps[0] if len(timestamps) == 1 else _find(plain, _PERHAPS_TIME)
    shown = ", ".join(quoted(name) for name in names[:8]) + (", ..." if len(names) > 8 else "")
    if time is None:
        raise InputError(f"{path}: no time column among {shown or 'no columns'}; {REMEDY}")
    sensor, value = _find(plain, SENSOR, time), _find(plain, _VALUE, time)
    if sensor is not None and value is None:
        value = _only_other(path, names, plain, time, sensor)
    stripped = tuple(name.strip() for name in names)
    if sensor is not None and value is not None:
        form = Form(stripped, time, sensor, value, ())
    else:
        series = tuple(index for index in range(len(names)) if index != time)
        form = Form(stripped, time, None, None, series)
    _check(path, form, shown)
    return form


def _only_other(path: Path, names: Sequence[str], plain: Sequence[str], time: int, sensor: int) -> int | None:
    """The only column beside time and sensor, whatever its name; None for a wide table with a sensor of that name."""
    others = [index for index in range(len(names)) if index not in (time, sensor)]
    if len(others) > 1 and plain[sensor] in _PLAINLY_SENSOR:
        shown = " or ".join(quoted(names[index]) for index in others[:4])
        raise InputError(f"{path}: {quoted(names[sensor])} names sensors, but is {shown} their value? {REMEDY}")
    return others[0] if len(others) == 1 else None


def plainly_timed(names: Sequence[str]) -> int:
    """2 if one of the columns is named as the time, 1 if one may be, 0 if none is."""
    plain = [name.strip().lower() for name in names]
    return 2 if _find(plain, _TIME) is not None else int(_find(plain, _PERHAPS_TIME) is not None)


def _find(plain: Sequence[str], known: Sequence[str], taken: int | None = None) -> int | None:
    """Index of the column with the first of the `known` names that occurs."""
    for name in known:
        for index, given in enumerate(plain):
            if given == name and index != taken:
                return index
    return None


def _check(path: Path, form: Form, shown: str) -> None:
    if form.sensor is None and not form.series:
        raise InputError(f"{path}: only a time column, {shown}; {REMEDY}")
    used = [form.names[index] for index in form.used]
    among = form.names if form.sensor is not None else used
    doubled = next((name for name in used if among.count(name) > 1), None) if len(set(among)) < len(among) else None
    if doubled is not None:
        raise InputError(f"{path}: two columns are called {quoted(doubled)}; rename one of them")
    nameless = next((index for index in form.series if not form.names[index]), None)
    if nameless is not None:
        raise InputError(f"{path}: column {nameless + 1} has no name; name it after its sensor, or remove it")
