"""Calibration: value * gain + offset in float32, and the choice of what is rejected.

The three ways may differ in the last bit (fused or not, rounded once or twice); whatever a composition hands
out is also what it aggregates and retains.
"""

from array import array
from math import nan

import numpy as np

from harness.contract import MAX_VALUE, Floats, Sensors
from implementations.parts.protocols import Memory, Rows


class Plain:
    """One reading after the other in plain Python.

    O(1) a reading. The arithmetic is Python's, in double precision; storing into an ``array('f')`` rounds it
    to float32 once.
    """

    def __init__(self) -> None:
        self.stop()

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Take gains and offsets over as Python floats."""
        self._gain: list[float] = sensors.gain.tolist()
        self._offset: list[float] = sensors.offset.tolist()

    def apply(self, rows: Rows, value: Floats, calibrated: Floats, memory: Memory) -> tuple[int, int]:
        """Check and calibrate each reading in turn."""
        reject_row = len(self._gain)
        done = array("f")
        unmatched = invalid = 0
        for position, (row, raw) in enumerate(zip(rows.tolist(), value.tolist(), strict=True)):
            if row == reject_row:
                unmatched += 1
                done.append(nan)
            elif -MAX_VALUE <= raw <= MAX_VALUE:
                done.append(raw * self._gain[row] + self._offset[row])
            else:
                invalid += 1
                rows[position] = reject_row
                done.append(nan)
        calibrated[:] = done
        return unmatched, invalid

    def stop(self) -> None:
        """Drop the tables."""
        self._gain = []
        self._offset = []


class Vectorized:
    """A few NumPy passes over the batch.

    O(1) a reading; 10 bytes a reading of temporaries, lent by the memory part.
    """

    def __init__(self) -> None:
        self.stop()

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Copy gains and offsets, with an entry for the reject row behind."""
        self._gain = np.append(sensors.gain, np.float32(0))
        self._offset = np.append(sensors.offset, np.float32(0))

    def apply(self, rows: Rows, value: Floats, calibrated: Floats, memory: Memory) -> tuple[int, int]:
        """Check and calibrate the batch at once."""
        count, reject_row = len(rows), len(self._gain) - 1
        offset = memory.lend(count, np.float32)
        known, accepted = memory.lend(count, np.bool_), memory.lend(count, np.bool_)
        with np.errstate(invalid="ignore", over="ignore"):
            np.abs(value, out=offset)
            np.less_equal(offset, np.float32(MAX_VALUE), out=accepted)
            np.take(self._gain, rows, out=calibrated, mode="clip")
            np.take(self._offset, rows, out=offset, mode="clip")
            np.multiply(calibrated, value, out=calibrated)
            np.add(calibrated, offset, out=calibrated)
        np.not_equal(rows, reject_row, out=known)
        np.logical_and(known, accepted, out=accepted)
        matched, fit = int(np.count_nonzero(known)), int(np.count_nonzero(accepted))
        if fit < count:
            rejected = np.logical_not(accepted, out=accepted)
            np.copyto(calibrated, np.float32(np.nan), where=rejected)
            np.copyto(rows, reject_row, where=rejected)
        return count - matched, matched - fit

    def stop(self) -> None:
        """Drop the tables."""
        self._gain = np.zeros(1, np.float32)
        self._offset = np.zeros(1, np.float32)


class Compiled:
    """One compiled pass over the batch, gain and offset side by side.

    O(1) a reading, no temporaries.
    """

    def __init__(self) -> None:
        self.stop()

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Copy gains and offsets, with an entry for the reject row behind."""
        from implementations.kernels import calibrating

        self._calibrate = calibrating.calibrate
        self._table = memory.keep(2 * len(sensors) + 2, np.float32).reshape(-1, 2)
        self._table[:-1, 0], self._table[:-1, 1], self._table[-1] = sensors.gain, sensors.offset, 0

    def apply(self, rows: Rows, value: Floats, calibrated: Floats, memory: Memory) -> tuple[int, int]:
        """Check and calibrate the batch at once."""
        unmatched, invalid = self._calibrate(rows, value, self._table, calibrated)
        return unmatched, invalid

    def stop(self) -> None:
        """Drop the table."""
        self._table = np.zeros((1, 2), np.float32)
