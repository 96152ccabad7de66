"""A run as Parquet: the flat table with typed columns."""

import io
from typing import Any

from reports.flat import COLUMNS, flat_rows
from reports.load import Run


def to_parquet(run: Run) -> bytes:
    """`run` as a Parquet file, null where nothing is known."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types: dict[str, Any] = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_()}
    rows = flat_rows(run)
    fields = [("run", pa.string()), *((column.name, types[column.kind]) for column in COLUMNS)]
    arrays = [pa.array([row[name] for row in rows], kind, from_pandas=False) for name, kind in fields]
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays, schema=pa.schema(fields)), buffer, compression="zstd")
    return buffer.getvalue()
