"""Text in CSV form, plain or gzipped: how it is opened, its line of column names, its rows with their line numbers."""

import contextlib
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from harness.errors import InputError
from workloads.recordings.decimals import DECIMAL_COMMA, split_at_commas

Likeness = Callable[[Sequence[str]], int]
"""How well names of columns are those that are expected: from `PLAINLY` on no doubt is left, 0 is not at all."""

PLAINLY = 2
_HEADER_BYTES = 1 << 22
_DELIMITERS = ",;\t|"
_MARK = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_COMMENT = b"#"


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, and where the rows begin.

    Parameters
    ----------
    names : tuple of str
    delimiter : str
        What separates the columns.
    lines, offset : int
        How many lines and bytes of the unpacked text stand before the first row.
    """

    names: tuple[str, ...]
    delimiter: str
    lines: int
    offset: int

    @property
    def may_have_decimal_commas(self) -> bool:
        """Whether a comma in a number cannot be the separator of columns."""
        return self.delimiter != ","


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open `path`, unpacking gzip; a folder, a missing, unreadable or damaged file is an InputError."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            yield cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: the gzip data is cut short or damaged; copy or download it again") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error


def read_header(path: Path, file: IO[bytes], likeness: Likeness) -> Header:
    """Read the line of column names below blank lines and comments; `file` stands behind it then.

    What separates the columns is what makes their names the likeliest. A comment that has the names itself, above a
    line that has not, is the line of names: ``# time,sensor,value``.

    Raises
    ------
    InputError
        If there is no such line, or it is no UTF-8 text in CSV form.
    """
    commented: Header | None = None
    lines = 0
    while True:
        text, more = _logical_line(path, file)
        lines += more
        if not text.startswith(_COMMENT):
            break
        comment = _commented_names(text, lines, file.tell(), likeness)
        commented = comment or commented
    header = None if not text.strip() else _header(path, text, lines, file.tell(), likeness)
    if commented is not None and (header is None or likeness(header.names) < PLAINLY):
        file.seek(commented.offset)
        return commented
    if header is None:
        raise InputError(f"{path}: empty; expected a line of column names and rows below it")
    return header


def rows_of(path: Path, header: Header) -> Iterator[tuple[int, list[str]]]:
    """Every row below the names that is not blank, with its line."""
    with open_bytes(path) as file:
        file.seek(header.offset)
        with io.TextIOWrapper(file, "utf-8", newline="") as text:
            reader = csv.reader(text, delimiter=header.delimiter)
            for row in reader:
                if row:
                    yield header.lines + reader.line_num, row


def of_another_width(path: Path, header: Header, line: int, row: Sequence[str]) -> InputError:
    """What to raise of a row that has not as many columns as there are names."""
    columns = "1 column" if len(row) == 1 else f"{len(row)} columns"
    problem = f"{path}: line {line} has {columns}; expected {len(header.names)} as there are names"
    torn = header.delimiter == "," and len(row) > len(header.names) and split_at_commas(row)
    remedy = f"{DECIMAL_COMMA}, or mend that line" if torn else "mend that line, or the file is cut short"
    return InputError(f"{problem}: {remedy}")


def _logical_line(path: Path, file: IO[bytes]) -> tuple[bytes, int]:
    """The next line that is not blank, with all that its quotes span, and how many lines were read; empty at the end.

    A comment is one line, whatever quotes it has.
    """
    line, lines = b"", 0
    while not line.strip() or (line.count(b'"') % 2 and not line.startswith(_COMMENT)):
        more = _physical_line(file).removeprefix(_MARK)
        if not more and not line.strip():
            return b"", lines
        if not more or len(line) + len(more) >= _HEADER_BYTES or b"\0" in more:
            raise InputError(f"{path}: not a CSV, Parquet or record file; expected a first line of column names")
        line = (line if line.strip() else b"") + more
        lines += 1
    return line, lines


def _physical_line(file: IO[bytes]) -> bytes:
    """The next line, ended by a line feed, a carriage return or both."""
    start = file.tell()
    line = file.readline(_HEADER_BYTES)
    end = line.find(b"\r") + 1
    if end and line[end:] not in (b"", b"\n"):
        file.seek(start + end)
        line = line[:end]
    return line


def _commented_names(line: bytes, lines: int, offset: int, likeness: Likeness) -> Header | None:
    """The names of columns in a comment, with its sign or without, if they plainly are such."""
    for text in (line, line.lstrip(_COMMENT)):
        with contextlib.suppress(UnicodeDecodeError, csv.Error):
            delimiter = _likeliest(text.decode(), likeness)
            names = _split(text.decode(), delimiter)
            if likeness(names) >= PLAINLY:
                return Header(tuple(names), delimiter, lines, offset)
    return None


def _header(path: Path, line: bytes, lines: int, offset: int, likeness: Likeness) -> Header:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: line {lines} is not UTF-8 text; save the file as UTF-8") from error
    delimiter = _likeliest(text, likeness)
    try:
        return Header(tuple(_split(text, delimiter)), delimiter, lines, offset)
    except csv.Error as error:
        raise InputError(f"{path}: the line of column names is no CSV ({error}); mend it") from error


def _likeliest(text: str, likeness: Likeness) -> str:
    def rank(delimiter: str) -> tuple[int, int]:
        try:
            return likeness(_split(text, delimiter)), text.count(delimiter)
        except csv.Error:
            return 0, text.count(delimiter)

    return max(_DELIMITERS, key=rank)


def _split(text: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
