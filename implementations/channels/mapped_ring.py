"""Mapped ring: a ring of records in a file, mapped twice in a row; either side may die and come back."""

import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Approach, Readings
from harness.errors import ChannelError, InputError
from implementations.parts.double_mapping import DoubleMapping
from implementations.parts.ring_channel import Ring, RingChannel
from implementations.parts.ring_file import CONTROL_AT, RingHead, make_ring_file, open_ring_file

_FILE = "readings.ring"


class MappedRing(RingChannel):
    """The case study's memory-mapped circular buffer: 16-byte records in a file, whose both sides survive each other.

    Time O(1) a batch and a copy in; lent as strided views where they lie, and because the file is mapped twice in a
    row, never in two parts. Memory 16 bytes a reading of capacity, in the page cache.

    Notes
    -----
    The index of what was put in is written after the readings, the consumer's index after it has dealt with them, and
    both lie in the file: a producer that was killed is followed by one that goes on behind the last whole batch, a
    consumer by one that is given again what the other had not dealt with (`position` tells whether it has seen it).
    A kill loses nothing, for the pages are the kernel's; a power cut may. What one side is, the kernel knows by a
    lock, so a second one is refused and a killed one found missing.

    A file that is cut short while it is mapped kills whoever touches the missing part (SIGBUS).
    """

    approach = Approach.ALGORITHM
    survives = True
    what = "the mapped ring"

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None

    def make(self, folder: Path, capacity: int) -> None:
        """Make the file, or find it again: one that is there already is gone on with."""
        self._path = folder.resolve() / _FILE
        if not self._path.exists():
            make_ring_file(self._path, capacity, drops=self._drops)
            return
        descriptor, head = open_ring_file(self._path)
        os.close(descriptor)
        if head.drops != self._drops:
            policy = "drop_oldest" if head.drops else "block"
            raise InputError(
                f"{self._path}: a ring made for {policy}; expected the policy it was made for: use {policy}"
            )

    def attach(self) -> Ring:
        """Map the file."""
        if self._path is None:
            raise ChannelError("the mapped ring was not made, or is destroyed; call create first")
        return _Records(self._path, *open_ring_file(self._path))

    def destroy(self) -> None:
        """Remove the file."""
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None


class _Records(Ring):
    """The mapped file: control block, then the records twice."""

    around = True

    def __init__(self, path: Path, descriptor: int, head: RingHead) -> None:
        from implementations.kernels import ring_control, ring_records

        self.descriptor = descriptor
        self.capacity = head.capacity
        self.kernel = ring_records.put
        self._take_out = ring_records.take_out
        try:
            self._head = mmap.mmap(descriptor, head.head_bytes)
            self._mapping = DoubleMapping(descriptor, head.head_bytes, head.file_bytes - head.head_bytes)
        except OSError as error:
            os.close(descriptor)
            raise ChannelError(
                f"{path}: cannot be mapped ({error.strerror}); free memory or make it smaller"
            ) from error
        self.control = np.frombuffer(self._head, np.int64, ring_control.CONTROL_BYTES // 8, CONTROL_AT)
        first, last = int(self.control[ring_control.TAIL // 8]), int(self.control[ring_control.HEAD // 8])
        if not 0 <= first <= last <= first + self.capacity:
            self.close()
            raise InputError(
                f"{path}: the ring's indexes are damaged ({first} to {last} in a ring of {head.capacity}); "
                "destroy it and create another"
            )
        records = self._mapping.memory.view(RECORD_DTYPE)
        self.layout = (int(records.ctypes.data),)
        records.flags.writeable = False
        self._sensor_id, self._time, self._value = records["sensor_id"], records["time"], records["value"]
        self._out = np.empty(0, RECORD_DTYPE)

    def views(self, place: int, count: int) -> Readings:
        """Strided views of the records."""
        part = slice(place, place + count)
        return Readings.trusted(self._sensor_id[part], self._time[part], self._value[part])

    def take_out(self, mine: NDArray[np.int64], most: int, until_ns: int) -> Readings | int:
        """A copy in a buffer that is used again."""
        most = min(most, self.capacity)
        if len(self._out) < most:
            self._out = np.empty(most, RECORD_DTYPE)
        count = int(self._take_out(mine, self._out, most, until_ns))
        return Readings.of_records(self._out[:count]) if count > 0 else count

    def close(self) -> None:
        """Unmap the records: what was lent is gone."""
        os.close(self.descriptor)
        self._mapping.close()
