"""A user's sensor table: a CSV file with the columns sensor, gain and offset."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.contract import MAX_CALIBRATION
from harness.errors import InputError
from workloads.recordings.cells import CellError, quoted
from workloads.recordings.csv_text import PLAINLY, Header, of_another_width, open_bytes, read_header, rows_of
from workloads.recordings.decimals import DecimalSign, remedy_of_commas
from workloads.recordings.recording import Calibration

_COLUMNS = ("sensor", "gain", "offset")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read_calibration(path: Path) -> Calibration:
    """Read gains and offsets by sensor name from CSV of any form that a recording may have; other columns are left.

    Raises
    ------
    InputError
        On a missing column, a repeated sensor, or a gain or offset that is no finite number of at most 2**60 in size.
    """
    with open_bytes(path) as file:
        header = read_header(path, file, _likeness)
    places = _places(path, header)
    sign = DecimalSign(header.may_have_decimal_commas)
    rows: dict[str, list[float]] = {}
    line = header.lines
    try:
        for line, row in rows_of(path, header):
            if len(row) != len(header.names):
                raise of_another_width(path, header, line, row)
            name, *numbers = (row[place].strip() for place in places)
            if name in rows:
                raise InputError(f"{path}: line {line}: sensor {quoted(name)} is repeated; drop one of the two")
            rows[name] = [_number(sign, *cell) for cell in zip(_COLUMNS[1:], numbers, strict=True)]
    except CellError as error:
        raise InputError(f"{path}: line {line}: {error.problem}: {error.remedy}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: behind line {line} it is not UTF-8 text in CSV form; mend it") from error
    numbers_ = np.array(list(rows.values()), np.float32).reshape(-1, 2)
    return Calibration(path, tuple(rows), numbers_[:, 0].copy(), numbers_[:, 1].copy())


def _plain(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]


def _likeness(names: Sequence[str]) -> int:
    found = len(set(_COLUMNS) & set(_plain(names)))
    return PLAINLY if found == len(_COLUMNS) else min(found, 1)


def _places(path: Path, header: Header) -> list[int]:
    given = _plain(header.names)
    missing = [name for name in _COLUMNS if name not in given]
    if missing:
        shown = ", ".join(map(quoted, given))
        raise InputError(f"{path}: no column {missing[0]} among {shown}; name the columns sensor,gain,offset")
    return [given.index(name) for name in _COLUMNS]


def _number(sign: DecimalSign, column: str, text: str) -> float:
    pointed = sign.pointed_cell(text, column)
    value = float(pointed) if _NUMBER.fullmatch(pointed) else float("nan")
    if not abs(value) <= MAX_CALIBRATION:
        remedy = remedy_of_commas(text, sign.may_be_comma, "mend it")
        raise CellError(0, f"{column} is {quoted(text)}; expected a number of at most 2**60 in size", remedy)
    return value
