"""CSV, plain or gzipped, block by block; a fault is told with its line."""

import contextlib
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from harness.errors import InputError
from workloads.recordings.cells import CellError, quoted
from workloads.recordings.form import Form, find_form, plainly_timed
from workloads.recordings.recording import Recording
from workloads.recordings.table import TableReader

_BLOCK_BYTES = 1 << 22
_HEADER_BYTES = 1 << 22
_DELIMITERS = ",;\t|"
_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"


def read_csv(path: Path, progress: Callable[[float], None] = lambda _: None) -> Recording:
    """Read a CSV file with named columns, comma, semicolon, tab or bar between them; UTF-8, perhaps gzipped.

    Memory is 16 bytes a reading and a few blocks of 4 MiB. `progress` is told the part of the file that is read.

    Raises
    ------
    InputError
        If it cannot be read as a recording; the message names the line.
    """
    with open_bytes(path) as file:
        header, delimiter = _read_header(path, file)
        form = find_form(path, header)
        reader = TableReader(form)
        rows_before = 0
        try:
            for batch in _blocks(file, header, delimiter, form):
                rows = len(batch[0])
                reader.add(batch)
                rows_before += rows
                progress(_part_read(path, file))
        except CellError as error:
            _fail(path, rows_before + error.row, error, delimiter)
        except _arrow_errors() as error:
            _diagnose(path, len(header), delimiter, str(error))
        return reader.collector.recording(path)


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open `path`, unpacking gzip; a missing, unreadable or damaged file is an InputError."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            yield cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: the gzip data is cut short or damaged; copy or download it again") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error


def _part_read(path: Path, file: IO[bytes]) -> float:
    return float(getattr(file, "fileobj", file).tell() / max(1, path.stat().st_size))


def _arrow_errors() -> type[Exception]:
    import pyarrow as pa

    error: type[Exception] = pa.ArrowInvalid
    return error


def _read_header(path: Path, file: IO[bytes]) -> tuple[list[str], str]:
    """The names of the columns, with what separates them; `file` stands behind them then."""
    line = b""
    while not line.strip() or line.count(b'"') % 2:
        more = file.readline(_HEADER_BYTES).removeprefix(_MARK)
        if not more and not line.strip():
            raise InputError(f"{path}: empty; expected a line of column names and readings below it")
        if not more or len(line) + len(more) >= _HEADER_BYTES or b"\0" in more:
            raise InputError(f"{path}: not a CSV, Parquet or record file; expected a first line of column names")
        line = (line if line.strip() else b"") + more
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: line 1 is not UTF-8 text; save the file as UTF-8") from error
    delimiter = max(_DELIMITERS, key=lambda one: (_timed_by(text, one), text.count(one)))
    try:
        return _split(text, delimiter), delimiter
    except csv.Error as error:
        raise InputError(f"{path}: the line of column names is no CSV ({error}); mend it") from error


def _split(text: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(text), delimiter=delimiter), [])


def _timed_by(text: str, delimiter: str) -> int:
    """How plainly one of the columns is named as the time, were they separated by `delimiter`."""
    try:
        return plainly_timed(_split(text, delimiter))
    except csv.Error:
        return 0


def _blocks(file: IO[bytes], header: list[str], delimiter: str, form: Form) -> Iterator[list[Any]]:
    """The used columns of each block as text."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [str(index) for index in range(len(header))]
    used = [names[index] for index in form.used]
    try:
        stream = arrow_csv.open_csv(
            file,
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
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


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every row below the names with its line, slowly: only to say where a fault is."""
    with open_bytes(path) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=delimiter)
        rows = (row for row in reader if row)
        next(rows, None)
        for row in rows:
            yield reader.line_num, row


def _fail(path: Path, wanted: int, error: CellError, delimiter: str) -> NoReturn:
    """Raise `error` with the line of the data row `wanted`."""
    line = 1
    with contextlib.suppress(csv.Error, UnicodeDecodeError):
        for number, (line, _) in enumerate(_rows(path, delimiter)):  # noqa: B007
            if number == wanted:
                break
    raise InputError(f"{path}: line {line}: {error.problem}: {error.remedy}") from error


def _diagnose(path: Path, columns: int, delimiter: str, reason: str) -> NoReturn:
    """Raise what is wrong with a table that does not parse, with the line."""
    line = 1
    try:
        for line, row in _rows(path, delimiter):
            if len(row) != columns:
                raise InputError(
                    f"{path}: line {line} has {len(row)} column{'s' * (len(row) != 1)}; "
                    f"expected {columns} as in the first line: mend that line, or the file is cut short"
                )
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: behind line {line} it is not UTF-8 text; save the file as UTF-8") from error
    except csv.Error as error:
        raise InputError(f"{path}: behind line {line}: {error}; mend it") from error
    raise InputError(f"{path}: not readable as CSV ({quoted(' '.join(reason.split()), 80)}); mend it")
