"""Check and calibrate a batch in one pass."""

import numpy as np
from numba import float32, njit, types

from harness.contract import MAX_VALUE
from implementations.kernels.signatures import given, own

_MAX_VALUE = np.float32(MAX_VALUE)
_NAN = np.float32(np.nan)


@njit([types.UniTuple(types.intp, 2)(own(types.intp), given(float32), own(float32, 2), own(float32))], cache=True)
def calibrate(rows, value, table, calibrated):  # type: ignore[no-untyped-def]
    """Fill `calibrated`; set the rows of invalid readings to the reject row; count unmatched and invalid ones.

    `table` is float32[S + 1, 2]: gain and offset, zeros in the reject row.
    """
    reject_row = len(table) - 1
    unmatched = 0
    invalid = 0
    for position in range(len(rows)):
        row = rows[position]
        raw = value[position]
        result = raw * table[row, 0] + table[row, 1]
        if row == reject_row:
            unmatched += 1
            result = _NAN
        elif not abs(raw) <= _MAX_VALUE:
            invalid += 1
            result = _NAN
            rows[position] = reject_row
        calibrated[position] = result
    return unmatched, invalid
