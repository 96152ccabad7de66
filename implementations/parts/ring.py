"""Ring: the retained readings in arrays that are written round and round."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Sensors
from implementations.parts.protocols import Facts, Memory, Rows


class Ring:
    """Three preallocated arrays, written by NumPy slices.

    O(1) a reading, memory exactly 16 bytes a retained reading. A batch with rejected readings is first
    condensed, which allocates; without any it is copied straight into place.
    """

    def __init__(self) -> None:
        self.stop()

    def start(self, sensors: Sensors, retain: int, memory: Memory) -> None:
        """Allocate the arrays."""
        self._allocate(retain, memory)
        self._written = 0
        self._reject_row = len(sensors)

    def _allocate(self, retain: int, memory: Memory) -> None:
        self._sensor_id = memory.keep(retain, np.uint32)
        self._time = memory.keep(retain, np.int64)
        self._calibrated = memory.keep(retain, np.float32)

    def append(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats) -> None:
        """Copy the newest accepted readings behind those already there."""
        retain = len(self._time)
        if retain == 0:
            return
        accepted = rows != self._reject_row
        if not accepted.all():
            sensor_id, time, calibrated = sensor_id[accepted], time[accepted], calibrated[accepted]
        count = len(time)
        skipped = max(0, count - retain)
        place = (self._written + skipped) % retain
        middle = min(count, skipped + retain - place)
        for ring, column in ((self._sensor_id, sensor_id), (self._time, time), (self._calibrated, calibrated)):
            ring[place : place + middle - skipped] = column[skipped:middle]
            ring[: count - middle] = column[middle:]
        self._written += count

    def snapshot(self) -> History:
        """Copy out the arrays, rotated so that the oldest comes first."""
        retain = len(self._time)
        if self._written <= retain:
            held = slice(self._written)
            return History(self._sensor_id[held].copy(), self._time[held].copy(), self._calibrated[held].copy())
        place = self._written % retain if retain else 0
        rings = (self._sensor_id, self._time, self._calibrated)
        return History(*(np.concatenate((ring[place:], ring[:place])) for ring in rings))

    def stop(self) -> None:
        """Drop the arrays."""
        self._sensor_id = np.empty(0, np.uint32)
        self._time = np.empty(0, np.int64)
        self._calibrated = np.empty(0, np.float32)
        self._written = 0
        self._reject_row = 0

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}


class CompiledRing(Ring):
    """The same arrays, written by a compiled loop that skips what was rejected.

    O(1) a reading; no allocation, strided input or rejected readings or not.
    """

    def start(self, sensors: Sensors, retain: int, memory: Memory) -> None:
        """Allocate the arrays and load the kernel."""
        from implementations.kernels import ringing

        super().start(sensors, retain, memory)
        self._append = ringing.append

    def append(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats) -> None:
        """Write the accepted readings behind those already there."""
        rings = (self._sensor_id, self._time, self._calibrated)
        if len(self._time):
            self._written = self._append(sensor_id, time, rows, calibrated, self._reject_row, *rings, self._written)
