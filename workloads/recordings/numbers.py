"""A column of values as float32, from text or from numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from workloads.recordings.cells import CellError, quoted

_REMEDY = "mend it, or leave the cell blank where nothing was measured"


def values_of(column: Any, name: str) -> tuple[Floats, NDArray[np.bool_]]:
    """The values of the Arrow array `column`, and which of its cells are blank (their value is NaN).

    A text becomes the nearest float64 and that the nearest float32; ``nan`` and ``inf`` are values, not blanks.

    Raises
    ------
    CellError
        At the first cell that is no number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return values_of(column.dictionary_decode(), name)
    if pa.types.is_decimal(kind):
        return values_of(column.cast(pa.string()), name)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_text(column, name)
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan, np.float32), np.ones(len(column), np.bool_)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise CellError(0, f"column {quoted(name)} holds {kind}; expected numbers", "convert it to numbers")
    blank = pc.is_null(column).to_numpy(zero_copy_only=False)
    wide = column.cast(pa.float64(), safe=False)
    return _narrowed(pc.fill_null(wide, np.nan).to_numpy(zero_copy_only=False)), blank


def _from_text(column: Any, name: str) -> tuple[Floats, NDArray[np.bool_]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.fill_null(column, "")
    for attempt in (text, pc.utf8_trim_whitespace(text)):
        blank = pc.equal(attempt, "")
        try:
            wide = pc.if_else(blank, "nan", attempt).cast(pa.float64())
        except pa.ArrowInvalid:
            continue
        return _narrowed(wide.to_numpy(zero_copy_only=False)), blank.to_numpy(zero_copy_only=False)
    row = _first_failing(attempt)
    given = quoted(column[row].as_py())
    raise CellError(row, f"column {quoted(name)} holds {given}; expected a decimal number", _REMEDY)


def _first_failing(text: Any) -> int:
    """Index of the first cell that does not cast, by halving."""
    import pyarrow as pa
    import pyarrow.compute as pc

    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        half = text.slice(low, middle - low)
        try:
            pc.if_else(pc.equal(half, ""), "nan", half).cast(pa.float64())
        except pa.ArrowInvalid:
            high = middle
        else:
            low = middle
    return low


def _narrowed(wide: NDArray[np.float64]) -> Floats:
    with np.errstate(over="ignore"):
        return wide.astype(np.float32)
