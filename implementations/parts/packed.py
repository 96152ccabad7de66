"""Packed: the retained readings in as few bits as they need."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Sensors
from implementations.parts.protocols import Facts, Memory, Rows


class Packed:
    """Blocks of readings, each column packed to the bits its block needs; lossless.

    O(1) a reading to pack and to unpack. A reading takes the bits of the block's spread of rows, of time
    differences in their common unit, and of values; 16 bytes at worst. Only memory that is needed is touched, and
    what the oldest blocks leave is used for the newest.

    Parameters
    ----------
    block_size
        Readings packed together.
    """

    def __init__(self, block_size: int = 512) -> None:
        self._block_size = block_size
        self.stop()
        self._facts: dict[str, float | int | str] = {}

    def start(self, sensors: Sensors, retain: int, memory: Memory) -> None:
        """Reserve room for readings that do not compress."""
        from implementations.parts import packed_queue

        self._kernels = packed_queue
        self._retain = retain
        self._accepted = 0
        self._sensor_id = memory.keep(len(sensors), np.uint32)
        self._sensor_id[:] = sensors.id
        self._queue: packed_queue.Queue | None = packed_queue.make(retain, self._block_size, memory)

    def append(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats) -> None:
        """Stage the accepted readings and pack what fills a block."""
        if self._retain:
            self._kernels.append(self._queue, time, rows, calibrated, len(self._sensor_id), self._retain)

    def snapshot(self) -> History:
        """Unpack the newest readings."""
        queue = self._queue
        assert queue is not None
        state, at = queue.state, self._kernels
        held = int((state[at.END] - state[at.FIRST]) * self._block_size + state[at.STAGED])
        count = min(self._retain, held)
        row, time = np.empty(count, np.uint32), np.empty(count, np.int64)
        calibrated = np.empty(count, np.float32)
        at.snapshot(queue, row, time, calibrated)
        return History(self._sensor_id[row], time, calibrated)

    def stop(self) -> None:
        """Drop the blocks; what they tell stays for `facts`."""
        self._queue = None
        self._sensor_id = np.empty(0, np.uint32)

    def facts(self) -> Facts:
        """How many blocks there were, how often times did not compress, and what a packed reading takes."""
        if self._queue is None:
            return self._facts
        state, at = self._queue.state, self._kernels
        blocks = int(state[at.END] - state[at.FIRST])
        kept = int(state[at.WRITTEN] - self._queue.block_at[state[at.FIRST] % len(self._queue.block_at)])
        self._facts = {
            "packed_blocks": int(state[at.END]),
            "blocks_with_plain_times": int(state[at.PLAIN_TIMES]),
            "exceptional_times": int(state[at.EXCEPTIONS]),
            "packed_bytes_per_reading": 8 * kept / (blocks * self._block_size) if blocks else 0.0,
        }
        return self._facts
