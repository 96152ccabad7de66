"""Shared ring: one producer, one consumer, memory that both see, no lock."""

import contextlib
import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.contract import Approach, Readings
from harness.errors import ChannelError
from implementations.parts.ring_channel import Ring, RingChannel
from implementations.parts.shared_descriptor import SharedDescriptor

_CONTROL_BYTES = 4096
_READING_BYTES = 16
_ROUND_TO = 16


class SharedRing(RingChannel):
    """The case study's lock-free queue: a ring of columns in nameless shared memory, indexes with acquire and release.

    Time O(1) a batch and a memory copy in; nothing is copied out under ``block``. Memory 16 bytes a reading of
    capacity, rounded up to a cache line.

    Notes
    -----
    Single producer, single consumer: each index has one writer, so a release of it publishes everything before, and
    neither side ever waits for a lock that the other was killed with [1]_. Both remember the other's index and look
    at it anew only when they must [2]_. A batch that reaches around the end is lent in two parts. The memory has no
    name (memfd_create), so there is nothing to unlink: it goes with the last process that has it, however that ends.

    References
    ----------
    .. [1] L. Lamport, Proving the correctness of multiprocess programs, IEEE Trans. Software Eng. 3(2), 1977.
    .. [2] J. Giacomoni, T. Moseley, M. Vachharajani, FastForward for efficient pipeline parallelism, PPoPP 2008.
    """

    approach = Approach.ALGORITHM
    what = "the shared ring"

    def __init__(self) -> None:
        super().__init__()
        self._memory: SharedDescriptor | None = None
        self._capacity = 0

    def make(self, folder: Path, capacity: int) -> None:
        """Reserve the memory, all of it, so that no write to it can fail later."""
        self._capacity = -(-capacity // _ROUND_TO) * _ROUND_TO
        size_bytes = _CONTROL_BYTES + self._capacity * _READING_BYTES
        descriptor = os.memfd_create("sensorbench-ring", os.MFD_CLOEXEC)
        try:
            os.posix_fallocate(descriptor, 0, size_bytes)
        except OSError as error:
            os.close(descriptor)
            raise ChannelError(
                f"no shared memory for {capacity:,} readings ({size_bytes >> 20} MiB: {error.strerror}); "
                "make the capacity smaller or free memory"
            ) from error
        self._memory = SharedDescriptor(descriptor)

    def attach(self) -> Ring:
        """Map the memory."""
        if self._memory is None:
            raise ChannelError("the shared ring was not made, or is destroyed; call create first")
        return _Columns(self._memory.reopened(), self._capacity)

    def destroy(self) -> None:
        """Let go of the memory; it is freed once both sides have, too."""
        self.close()
        if self._memory is not None:
            self._memory.close()
            self._memory = None


class _Columns(Ring):
    """The mapped memory: control block, then the three columns."""

    around = False

    def __init__(self, descriptor: int, capacity: int) -> None:
        from implementations.kernels import ring_columns

        self.descriptor = descriptor
        self.capacity = capacity
        self.kernel = ring_columns.put
        self._take_out = ring_columns.take_out
        self._map = mmap.mmap(descriptor, _CONTROL_BYTES + capacity * _READING_BYTES)
        memory = np.frombuffer(self._map, np.uint8)
        time_at, sensor_id_at, value_at, end = (_CONTROL_BYTES + capacity * np.array([0, 8, 12, 16])).tolist()
        self.control = memory[:_CONTROL_BYTES].view(np.int64)
        begin = int(memory.ctypes.data)
        self.layout = (begin + sensor_id_at, begin + time_at, begin + value_at)
        memory.flags.writeable = False
        self._sensor_id = memory[sensor_id_at:value_at].view(np.uint32)
        self._time = memory[time_at:sensor_id_at].view(np.int64)
        self._value = memory[value_at:end].view(np.float32)
        self._out: tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.float32]] | None = None

    def views(self, place: int, count: int) -> Readings:
        """Slices of the columns."""
        part = slice(place, place + count)
        return Readings.trusted(self._sensor_id[part], self._time[part], self._value[part])

    def take_out(self, mine: NDArray[np.int64], most: int, until_ns: int) -> Readings | int:
        """Copies in buffers that are used again."""
        most = min(most, self.capacity)
        if self._out is None or len(self._out[0]) < most:
            self._out = (np.empty(most, np.uint32), np.empty(most, np.int64), np.empty(most, np.float32))
        count = int(self._take_out(mine, *self._out, most, until_ns))
        if count <= 0:
            return count
        sensor_id, time, value = self._out
        return Readings(sensor_id[:count], time[:count], value[:count])

    def close(self) -> None:
        """Let go of the memory; readings that were lent and are still held keep it mapped."""
        os.close(self.descriptor)
        del self.control, self._sensor_id, self._time, self._value
        with contextlib.suppress(BufferError):
            self._map.close()
