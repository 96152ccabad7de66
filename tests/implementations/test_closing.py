"""Handing out a window: every row range, order, pitch and alignment gives the columns that the records hold."""

import numpy as np
import pytest
from numba import int64, njit, void
from numpy.testing import assert_array_equal

from implementations.kernels import closing
from implementations.kernels.fused import PLAN
from implementations.kernels.memory import record_at
from implementations.kernels.plan import PLAN_DTYPE, WORD_BYTES
from implementations.kernels.window import RECORD_BYTES, WINDOW_DTYPE
from implementations.parts.aligned import aligned_bytes

_COLUMNS = {"count": np.int64, "sum": np.float64, "minimum": np.float32, "maximum": np.float32, "last": np.float32}
_EMPTY = (0.0, 0.0, -np.inf, -np.inf, np.nan, np.float32(np.nan).view(np.uint32))
_FAR_ROWS = 1 << 17
"""So many rows' statistics are larger than a second-level cache."""


@njit([void(*[int64] * 8)])
def _hand_out(plan, first, end, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    closing.hand_out_rows(record_at(plan, PLAN), first, end, count, total, minimum, maximum, last)


def _records(rows: int, pitch_bytes: int) -> np.ndarray:
    """`rows` records of which every third is empty."""
    rng = np.random.default_rng(rows)
    memory = aligned_bytes(rows * pitch_bytes).view(np.uint8).reshape(rows, pitch_bytes)
    memory[:] = 0xA5
    records = memory[:, :RECORD_BYTES].view(WINDOW_DTYPE)[:, 0]
    records["sum"] = rng.normal(size=rows)
    records["count"] = rng.integers(1, 2**53, rows)
    low, high = np.sort(rng.normal(size=(2, rows)).astype(np.float32), axis=0)
    records["negated_minimum"], records["maximum"] = -low, high
    records["last"] = rng.normal(size=rows)
    records["stamped"] = rng.integers(1, 2**32, rows)
    records[::3] = _EMPTY
    return records


def _column(rows: int, dtype: type, shift: int) -> np.ndarray:
    size = np.dtype(dtype).itemsize
    column: np.ndarray = aligned_bytes((rows + shift) * size).view(dtype)[shift:]
    column[:] = -7
    return column


@pytest.mark.parametrize("shift", [0, 1], ids=["aligned", "unaligned"])
@pytest.mark.parametrize(
    ("pitch_bytes", "is_ordered"),
    [(RECORD_BYTES, False), (2 * RECORD_BYTES, False), (2 * RECORD_BYTES, True)],
    ids=["side by side", "with gaps", "in any order"],
)
@pytest.mark.parametrize(
    ("rows", "first", "end"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (16, 0, 16),
        (17, 0, 17),
        (67, 0, 67),
        (67, 5, 9),
        (67, 5, 16),
        (67, 16, 31),
        (67, 31, 66),
        (_FAR_ROWS + 5, 0, _FAR_ROWS + 5),
        (_FAR_ROWS + 5, _FAR_ROWS - 40, _FAR_ROWS + 3),
    ],
)
def test_rows_are_handed_out_and_made_empty(
    rows: int, first: int, end: int, pitch_bytes: int, is_ordered: bool, shift: int
) -> None:
    memory = _records(rows, pitch_bytes)
    place = np.random.default_rng(end).permutation(rows) if is_ordered else np.arange(rows)
    words = (place * (pitch_bytes // WORD_BYTES)).astype(np.uint32)
    plan = np.zeros(1, PLAN_DTYPE)
    plan["records"], plan["record_words"], plan["sensors"] = memory.ctypes.data, pitch_bytes // WORD_BYTES, rows
    plan["order"] = words.ctypes.data if is_ordered else 0
    before = memory[place]
    columns = {name: _column(rows, dtype, shift) for name, dtype in _COLUMNS.items()}

    _hand_out(plan.ctypes.data, first, end, *(column.ctypes.data for column in columns.values()))

    records = memory[place]
    empty = before["count"] == 0
    expected = {
        "count": before["count"].astype(np.int64),
        "sum": before["sum"],
        "minimum": np.where(empty, np.float32(np.nan), -before["negated_minimum"]),
        "maximum": np.where(empty, np.float32(np.nan), before["maximum"]),
        "last": before["last"],
    }
    untouched = np.ones(rows, np.bool_)
    untouched[first:end] = False
    for name, column in columns.items():
        assert_array_equal(column[first:end], expected[name][first:end], err_msg=name)
        assert (column[untouched] == -7).all(), name
    assert records[untouched].tobytes() == before[untouched].tobytes()
    opened = np.array([_EMPTY] * (end - first), WINDOW_DTYPE)
    for name in WINDOW_DTYPE.names or ():
        assert_array_equal(records[first:end][name], opened[name], err_msg=name)
