"""Update, hand out and clear the statistics of the open window, one record a sensor."""

import numpy as np
from numba import float32, float64, from_dtype, int64, njit, types, void

from implementations.kernels.sensor_state import STATE_DTYPE
from implementations.kernels.signatures import own

_STATE = own(from_dtype(STATE_DTYPE))
_INFINITY = np.float32(np.inf)
_NAN = np.float32(np.nan)


@njit([void(_STATE, own(types.intp), own(float32))], cache=True)
def add(state, rows, calibrated):  # type: ignore[no-untyped-def]
    """Add a batch; the last record is the reject row's and holds rubbish."""
    for position in range(len(rows)):
        window = state[rows[position]]
        value = calibrated[position]
        window.count += 1
        window.sum += np.float64(value)
        if value < window.minimum:
            window.minimum = value
        if value > window.maximum:
            window.maximum = value
        window.last = value


@njit([void(_STATE)], cache=True)
def clear(state):  # type: ignore[no-untyped-def]
    """Open a window."""
    for row in range(len(state)):
        window = state[row]
        window.count = 0
        window.sum = 0.0
        window.minimum = _INFINITY
        window.maximum = -_INFINITY
        window.last = _NAN


@njit([void(_STATE, own(int64), own(float64), own(float32), own(float32), own(float32))], cache=True)
def close(state, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Copy the records of a window to columns, NaN where there is no reading, and open the next one."""
    for row in range(len(count)):
        window = state[row]
        count[row] = window.count
        total[row] = window.sum
        empty = window.count == 0
        minimum[row] = _NAN if empty else window.minimum
        maximum[row] = _NAN if empty else window.maximum
        last[row] = window.last
    clear(state)
