"""A user's sensor table: a CSV file with the columns sensor, gain and offset."""

import csv
import io
from pathlib import Path

import numpy as np

from harness.contract import MAX_CALIBRATION
from harness.errors import InputError
from workloads.recordings.cells import quoted
from workloads.recordings.csv_file import open_bytes
from workloads.recordings.recording import Calibration

_COLUMNS = ("sensor", "gain", "offset")


def read_calibration(path: Path) -> Calibration:
    """Read gains and offsets by sensor name, perhaps gzipped; other columns are left alone.

    Raises
    ------
    InputError
        On a missing column, a repeated sensor, or a gain or offset that is no finite number of at most 2**60 in size.
    """
    rows: dict[str, tuple[float, float]] = {}
    line = 1
    with open_bytes(path) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        try:
            reader = csv.reader(text)
            given = [name.strip().lower() for name in next(reader, [])]
            missing = [name for name in _COLUMNS if name not in given]
            if missing:
                shown = ", ".join(map(quoted, given)) or "nothing"
                raise InputError(f"{path}: no column {missing[0]} among {shown}; name the columns sensor,gain,offset")
            places = [given.index(name) for name in _COLUMNS]
            for row in filter(None, reader):
                line = reader.line_num
                name, *numbers = _cells(path, line, row, places)
                if name in rows:
                    raise InputError(f"{path}: line {line}: sensor {quoted(name)} is repeated; drop one of the two")
                rows[name] = (_number(path, line, "gain", numbers[0]), _number(path, line, "offset", numbers[1]))
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path}: behind line {line} it is not UTF-8 text in CSV form; mend it") from error
    numbers_ = np.array(list(rows.values()), np.float32).reshape(-1, 2)
    return Calibration(path, tuple(rows), numbers_[:, 0].copy(), numbers_[:, 1].copy())


def _cells(path: Path, line: int, row: list[str], places: list[int]) -> list[str]:
    if len(row) <= max(places):
        raise InputError(
            f"{path}: line {line} has {len(row)} column{'s' * (len(row) != 1)}; "
            "expected sensor, gain and offset: mend it"
        )
    return [row[place].strip() for place in places]


def _number(path: Path, line: int, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) <= MAX_CALIBRATION:
        raise InputError(
            f"{path}: line {line}: {column} is {quoted(text)}; expected a number of at most 2**60 in size: mend it"
        )
    return value
