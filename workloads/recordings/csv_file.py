"""A recording as CSV, plain or gzipped, block by block; a fault is told with its line."""

import contextlib
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NoReturn

from harness.errors import InputError
from workloads.recordings.cells import CellError, quoted
from workloads.recordings.csv_text import Header, of_another_width, open_bytes, read_header, rows_of
from workloads.recordings.form import Form, find_form, plainly_timed
from workloads.recordings.hints import Hints
from workloads.recordings.recording import Recording
from workloads.recordings.table import TableReader

_BLOCK_BYTES = 1 << 22


def read_csv(path: Path, progress: Callable[[float], None] = lambda _: None, hints: Hints | None = None) -> Recording:
    """Read a CSV file with named columns, comma, semicolon, tab or bar between them; UTF-8, perhaps gzipped.

    Memory is 16 bytes a reading and a few blocks of 4 MiB. `progress` is told the part of the file that is read.

    Raises
    ------
    InputError
        If it cannot be read as a recording; the message names the line.
    """
    hints = hints or Hints()
    with open_bytes(path) as file:
        header = read_header(path, file, lambda names: plainly_timed(names, hints))
        form = find_form(path, header.names, hints=hints)
        reader = TableReader(form, hints.time_unit, header.may_have_decimal_commas)
        rows_before = 0
        try:
            for batch in _blocks(file, header, form):
                rows = len(batch[0])
                reader.add(batch)
                rows_before += rows
                progress(_part_read(path, file))
        except CellError as error:
            _fail(path, header, rows_before + error.row, error)
        except _arrow_errors() as error:
            _diagnose(path, header, str(error))
        return reader.recording(path)


def _part_read(path: Path, file: IO[bytes]) -> float:
    return float(getattr(file, "fileobj", file).tell() / max(1, path.stat().st_size))


def _arrow_errors() -> type[Exception]:
    import pyarrow as pa

    error: type[Exception] = pa.ArrowInvalid
    return error


def _blocks(file: IO[bytes], header: Header, form: Form) -> Iterator[list[Any]]:
    """The used columns of each block as text."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(index) for index in range(len(header.names))]
    used = [names[index] for index in form.used]
    try:
        stream = arrow_csv.open_csv(
            file,
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(delimiter=header.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(used, pa.string()), include_columns=used, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return
        raise
    for batch in stream:
        yield batch.columns


def _fail(path: Path, header: Header, wanted: int, error: CellError) -> NoReturn:
    """Raise `error` with the line of the data row `wanted`."""
    line = 1
    with contextlib.suppress(csv.Error, UnicodeDecodeError):
        for number, (line, _) in enumerate(rows_of(path, header)):  # noqa: B007
            if number == wanted:
                break
    raise InputError(f"{path}: line {line}: {error.problem}: {error.remedy}") from error


def _diagnose(path: Path, header: Header, reason: str) -> NoReturn:
    """Raise what is wrong with a table that does not parse, with the line."""
    line = 1
    try:
        for line, row in rows_of(path, header):
            if len(row) != len(header.names):
                raise of_another_width(path, header, line, row)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: behind line {line} it is not UTF-8 text; save the file as UTF-8") from error
    except csv.Error as error:
        raise InputError(f"{path}: behind line {line}: {error}; mend it") from error
    raise InputError(f"{path}: not readable as CSV ({quoted(' '.join(reason.split()), 80)}); mend it")
