"""Which column of a table is what: long form (time, sensor, value) or wide (a time column and a column a sensor)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from workloads.recordings.cells import quoted
from workloads.recordings.hints import Hints, find_named, option_of

TIME = ("time", "timestamp", "datetime", "date_time", "time_ns", "date")
PERHAPS_TIME = ("ts", "t", "index", "__index_level_0__", "")
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
VALUE = ("value", "reading", "measurement", "val", "v")
_NUMBERING = ("", "__index_level_0__", "unnamed: 0")
"""What pandas calls an index without a name; the first only where it is the first column."""
RESERVED = frozenset((*TIME, *PERHAPS_TIME, *SENSOR, *VALUE, *_NUMBERING))
"""Names, in small letters, that may mean something else than a sensor."""

REMEDY = (
    "name the columns time,sensor,value (long form, in any order) "
    "or time and one column a sensor (wide form) in the first line, "
    "or say which they are with the options of 'record convert'"
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

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of the columns that are not read."""
        used = set(self.used)
        return tuple(name for index, name in enumerate(self.names) if index not in used)


def find_form(path: Path, names: Sequence[str], timestamps: Sequence[int] = (), hints: Hints | None = None) -> Form:
    """Tell the form of a table by the `names` of its columns, compared without case.

    Parameters
    ----------
    timestamps
        Columns known to hold timestamps: the only one is the time column if no name says so plainly.
    hints
        Names of columns that are no longer to be found.

    Raises
    ------
    InputError
        If there is no time column, no sensor beside it, one name twice, or sensors named beside several columns of
        which none is called a value; if there is no column of a name in `hints`.
    """
    hints = hints or Hints()
    plain = [name.strip().lower() for name in names]
    time, sensor, value = (_hinted(path, names, hints, part) for part in ("time", "sensor", "value"))
    taken = {sensor, value}
    if time is None:
        time = _find(plain, TIME, taken)
    if time is None:  # T may be a temperature: a column of timestamps is the likelier one
        time = timestamps[0] if len(timestamps) == 1 else _find(plain, PERHAPS_TIME, taken)
    shown = _shown(names)
    if time is None:
        raise InputError(f"{path}: no time column among {shown}; {REMEDY}")
    if sensor is None:
        sensor = _find(plain, SENSOR, {time, value})
    if value is None:
        value = _find(plain, VALUE, {time, sensor})
    others = [index for index in range(len(names)) if index != time and not _is_numbering(plain, index)]
    if sensor is not None and value is None:
        value = _only_other(path, names, sensor, others, hints)
    if sensor is None and hints.value is not None:
        raise InputError(f"{path}: no column of sensors among {shown}; name it with {option_of('sensor')}")
    stripped = tuple(name.strip() for name in names)
    if sensor is not None and value is not None:
        form = Form(stripped, time, sensor, value, ())
    else:
        form = Form(stripped, time, None, None, tuple(others))
    _check(path, form, shown)
    return form


def _hinted(path: Path, names: Sequence[str], hints: Hints, part: str) -> int | None:
    """Index of the column that the hint names for this part of a reading."""
    wanted = getattr(hints, part)
    if wanted is None:
        return None
    found = find_named(names, wanted)
    if found is None:
        raise InputError(
            f"{path}: no column {quoted(wanted)} among {_shown(names)}; give {option_of(part)} one of them"
        )
    return found


def _shown(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names[:8]) + (", ..." if len(names) > 8 else "") or "no columns"


def _is_numbering(plain: Sequence[str], index: int) -> bool:
    """Whether a column only numbers the rows: an index of pandas that nobody named."""
    return plain[index] in _NUMBERING and (index == 0 or plain[index] != "")


def _only_other(path: Path, names: Sequence[str], sensor: int, others: Sequence[int], hints: Hints) -> int | None:
    """The only column beside time and sensor, whatever its name; None for a wide table with a sensor of that name."""
    left = [index for index in others if index != sensor]
    if len(left) == 1:
        return left[0]
    if hints.sensor is not None and not left:
        raise InputError(f"{path}: no column of values among {_shown(names)}; name it with {option_of('value')}")
    if left and (hints.sensor is not None or names[sensor].strip().lower() in _PLAINLY_SENSOR):
        shown = " or ".join(quoted(names[index]) for index in left[:4])
        raise InputError(f"{path}: {quoted(names[sensor])} names sensors, but is {shown} their value? {REMEDY}")
    return None


def plainly_timed(names: Sequence[str], hints: Hints) -> int:
    """3 if one of the columns is the hinted time, 2 if one is named as the time, 1 if one may be, 0 if none is."""
    if hints.time is not None:
        return 3 * (find_named(names, hints.time) is not None)
    plain = [name.strip().lower() for name in names]
    return 2 if _find(plain, TIME) is not None else int(_find(plain, PERHAPS_TIME) is not None)


def _find(plain: Sequence[str], known: Sequence[str], taken: Collection[int | None] = ()) -> int | None:
    """Index of the column with the first of the `known` names that occurs."""
    for name in known:
        for index, given in enumerate(plain):
            if given == name and index not in taken:
                return index
    return None


def _check(path: Path, form: Form, shown: str) -> None:
    if form.sensor is None and not form.series:
        raise InputError(f"{path}: only a time column, {shown}; {REMEDY}")
    used = [form.names[index] for index in form.used]
    if len(set(form.used)) < len(form.used):
        raise InputError(f"{path}: one column is named as two of time, sensor and value; name one for each")
    among = form.names if form.sensor is not None else used
    doubled = next((name for name in used if among.count(name) > 1), None) if len(set(among)) < len(among) else None
    if doubled is not None:
        raise InputError(f"{path}: two columns are called {quoted(doubled)}; rename one of them")
    nameless = next((index for index in form.series if not form.names[index]), None)
    if nameless is not None:
        raise InputError(f"{path}: column {nameless + 1} has no name; name it after its sensor, or remove it")
