"""A file of any form to a recording, told by its first bytes."""

from collections.abc import Callable
from pathlib import Path

from harness.errors import InputError
from harness.records import MAGIC, was_record_file
from workloads.recordings.csv_file import read_csv
from workloads.recordings.hints import Hints
from workloads.recordings.parquet_file import read_parquet
from workloads.recordings.record_file import read_record_file
from workloads.recordings.recording import Recording

_PARQUET = b"PAR1"
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x89HDF": "an HDF5 file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3": "an SQLite database",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def read_recording(
    path: Path, progress: Callable[[float], None] = lambda _: None, hints: Hints | None = None
) -> Recording:
    """Read a CSV (plain or gzipped), Parquet or record file; `progress` is told the part that is read.

    Raises
    ------
    InputError
        If the file is missing, of another form, damaged, or holds no reading; if there are `hints` to a record file.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise InputError(
            f"{path}: no regular file, which is read more than once; save what comes from there to one first"
        )
    try:
        with path.open("rb") as file:
            start = file.read(17)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    if not start:
        raise InputError(f"{path}: empty; expected a CSV, Parquet or record file with readings")
    if start.startswith(MAGIC):
        if hints is not None and hints.given:
            raise InputError(
                f"{path}: a record file, which says all of that itself; leave out {', '.join(hints.given)}"
            )
        return read_record_file(path)
    if was_record_file(start):
        raise InputError(
            f"{path}: a record file whose first bytes are damaged; copy it again byte by byte, or record it"
        )
    if start.startswith(_PARQUET):
        return read_parquet(path, progress, hints)
    for magic, what in _OTHERS.items():
        if start.startswith(magic):
            raise InputError(f"{path}: {what}; expected CSV in UTF-8 (also .gz), Parquet or a record file: convert it")
    return read_csv(path, progress, hints)
