"""Parquet, one row group at a time."""

from collections.abc import Callable
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
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            schema = file.schema_arrow
            stamps = [number for number, field in enumerate(schema) if pa.types.is_timestamp(field.type)]
            form = find_form(path, schema.names, stamps, hints)
            reader = TableReader(form, None if hints is None else hints.time_unit)
            columns = [schema.names[index] for index in form.used]
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=columns):
                reader.add([batch.column(name) for name in columns])
                rows_before += batch.num_rows
                progress(rows_before / file.metadata.num_rows)
            return reader.recording(path)
    except CellError as error:
        row = rows_before + error.row + 1
        raise InputError(f"{path}: row {row}: {error.problem}: {error.remedy}") from error
    except (pa.ArrowException, OSError, ValueError, LookupError, MemoryError) as error:
        reason = quoted(" ".join(str(error).split()), 80)
        raise InputError(f"{path}: the Parquet data is cut short or damaged ({reason}); write it again") from error
