"""Columns of values as float32, from text or from numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from workloads.recordings.cells import CellError, quoted, shortened
from workloads.recordings.decimals import DecimalSign, remedy_of_commas

NO_VALUE = ("n/a", "#n/a", "na", "<na>", "nan", "+nan", "-nan", "null", "none", "-", "--")
"""Texts, in small letters, that say that there is no value: a cell with one of them is blank."""

_TRUTH = ("true", "false")
_REMEDY = "mend it, or leave the cell blank where nothing was measured"

Values = tuple[Floats, NDArray[np.bool_]]


class ValueReader:
    """Reads the columns of values of one file, block by block, and counts what changed on the way.

    A text becomes the nearest float64 and that the nearest float32. Of text, the cells of `NO_VALUE` are blank; of
    numbers a NaN is a value, and null is blank.

    Parameters
    ----------
    may_be_comma
        Whether texts may have a decimal comma.

    Attributes
    ----------
    beyond : int
        Values too large for float32, which became infinities.
    named_blank : int
        Cells that are blank because they say so.
    """

    def __init__(self, may_be_comma: bool = False) -> None:
        self.beyond = 0
        self.named_blank = 0
        self._sign = DecimalSign(may_be_comma)

    def read(self, column: Any, name: str) -> Values:
        """The values of the Arrow array `column`, and which of its cells are blank (their value is NaN).

        Raises
        ------
        CellError
            At the first cell that is no number.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = column.type
        if pa.types.is_dictionary(kind):
            return self.read(column.dictionary_decode(), name)
        if pa.types.is_decimal(kind) or pa.types.is_string_view(kind):
            return self.read(column.cast(pa.string()), name)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._from_text(column, name)
        if pa.types.is_null(kind):
            return np.full(len(column), np.nan, np.float32), np.ones(len(column), np.bool_)
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            problem = f"column {quoted(name)} holds {shortened(str(kind))}; expected numbers"
            raise CellError(0, problem, "convert it to numbers")
        blank = pc.is_null(column).to_numpy(zero_copy_only=False)
        wide = pc.fill_null(column.cast(pa.float64(), safe=False), np.nan).to_numpy(zero_copy_only=False)
        values = _narrowed(wide)
        self.beyond += int(np.isinf(values).sum() - np.isinf(wide).sum())
        return values, blank

    def _from_text(self, column: Any, name: str) -> Values:
        import pyarrow as pa
        import pyarrow.compute as pc

        cells = text = pc.fill_null(column, "")
        wide = _float64(text)
        if wide is None:  # what a program wrote reads as it stands; what people write is looked at more closely
            cells = pc.utf8_trim_whitespace(cells)
            text = pc.if_else(pc.is_in(pc.utf8_lower(cells), pa.array(NO_VALUE, cells.type)), "", cells)
            text = self._sign.pointed(text, name)
            wide = _float64(text)
        else:
            self._sign.check_points(text, name)
        if wide is None:
            raise self._no_number(cells, text, name)
        values = _narrowed(wide)
        blank = np.isnan(values)
        if blank.any():
            self.named_blank += int(blank.sum()) - pc.sum(pc.equal(cells, "")).as_py()
        self._count_beyond(text, values)
        return values, blank

    def _count_beyond(self, text: Any, values: Floats) -> None:
        """Infinities that are written as numbers: a text such as 1e999 has no float64 either."""
        import pyarrow.compute as pc

        rows = np.flatnonzero(np.isinf(values))
        if len(rows):
            self.beyond += pc.sum(pc.match_substring_regex(text.take(rows), r"\d")).as_py()

    def _no_number(self, cells: Any, text: Any, name: str) -> CellError:
        row = _first_failing(text)
        cell = cells[row].as_py()
        problem = f"column {quoted(name)} holds {quoted(cell)}; expected a decimal number"
        if cell.strip().lower() in _TRUTH:
            return CellError(row, problem, "write 1 and 0 for true and false")
        return CellError(row, problem, remedy_of_commas(cell, self._sign.may_be_comma, _REMEDY))


def _float64(text: Any) -> NDArray[np.float64] | None:
    """The numbers that `text` holds, NaN where it is empty; None if one of them is no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        wide: NDArray[np.float64] = (
            pc.if_else(pc.equal(text, ""), "nan", text).cast(pa.float64()).to_numpy(zero_copy_only=False)
        )
    except pa.ArrowInvalid:
        return None
    return wide


def _first_failing(text: Any) -> int:
    """Index of the first cell that is no number, by halving."""
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        if _float64(text.slice(low, middle - low)) is None:
            high = middle
        else:
            low = middle
    return low


def _narrowed(wide: NDArray[np.float64]) -> Floats:
    with np.errstate(over="ignore"):
        return wide.astype(np.float32)
