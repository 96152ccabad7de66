"""Hashed: an open-addressed table of ids, searched by a compiled loop."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Sensors
from implementations.parts.protocols import Facts, Memory, Rows


class Hashed:
    """A compiled hash table with linear probing.

    O(1) a reading; 16 to 32 bytes a sensor, id and row side by side, so that a hit touches one cache line. The
    table is at most half full; of several multipliers the one with the shortest longest probe is taken, because
    ids are arbitrary and may have been chosen badly.
    """

    def __init__(self) -> None:
        self.stop()
        self._longest_probe = 0

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Build the table."""
        from implementations.kernels import hashing

        self._search = hashing.search
        bits = hashing.bits_for(len(sensors))
        self._missing = np.uint64(len(sensors))
        self._slots = memory.keep(1 << bits, np.uint64)
        self._multiplier, self._longest_probe = hashing.build(sensors.id, self._slots)

    def rows(self, sensor_id: NDArray[np.uint32], rows: Rows) -> None:
        """Search for each reading."""
        self._search(sensor_id, self._slots, self._multiplier, self._missing, rows)

    def stop(self) -> None:
        """Drop the table."""
        self._slots = np.empty(0, np.uint64)
        self._multiplier = np.uint32(1)
        self._missing = np.uint64(0)

    def facts(self) -> Facts:
        """How far the worst id lies from its place."""
        return {"longest_probe": self._longest_probe}
