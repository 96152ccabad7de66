"""Parquet, one row group at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import InputError
from workloads.recordings.cells import CellError, quoted
from workloads.recordings.form import find_form
from workloads.recordings.hints import Hints
from workloads.recordings.recording import Recording
from workloads.recordings.table import TableReader

_ROWS_AT_ONCE = 1 << 18


def read_parquet(
    path: Path, progress: Callable[[float], None] = lambda _: None, hints: Hints | None = None
) -> Recording:
    """Read a Parquet file in long or wide form; `progress` is told the part that is read.

    Raises
    ------
    InputError
        If it is damaged or no recording; the message names the row.
    """
    import pyarrow as pa
    from pyarrow import parquet

    rows_before = 0
    with _reading(path):
        file = parquet.ParquetFile(path, page_checksum_verification=True)
    with file:
        with _reading(path):
            schema, rows = file.schema_arrow, file.metadata.num_rows
            names = schema.names
        stamps = [number for number, field in enumerate(schema) if pa.types.is_timestamp(field.type)]
        form = find_form(path, names, stamps, hints)
        reader = TableReader(form, None if hints is None else hints.time_unit)
        columns = [names[index] for index in form.used]
        batches = file.iter_batches(_ROWS_AT_ONCE, columns=columns)
        while True:
            with _reading(path):
                batch = next(batches, None)
                if batch is not None:
                    batch.validate(full=True)  # texts that are no UTF-8, without a checksum that would tell
            if batch is None:
                return reader.recording(path)
            try:
                reader.add([batch.column(name) for name in columns])
            except CellError as error:
                row = rows_before + error.row + 1
                raise InputError(f"{path}: row {row}: {error.problem}: {error.remedy}") from error
            rows_before += batch.num_rows
            progress(rows_before / rows)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say of what fails while pyarrow reads `path` that the file is at fault."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of names in the schema
        reason = quoted(" ".join(str(error).split()), 80)
        raise InputError(f"{path}: the Parquet data is cut short or damaged ({reason}); write it again") from error
