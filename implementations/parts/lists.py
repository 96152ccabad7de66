"""Lists of reading objects, made afresh or taken from a pool."""

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Sensors
from implementations.parts.protocols import Facts, Memory, Rows
from implementations.parts.reading import Reading, columns_of


class TrimmedList:
    """A list with a new object for each reading, trimmed from the front after each batch.

    O(1) a reading for the objects; trimming moves O(retain) references a batch. Memory about 160 bytes a
    retained reading.
    """

    def __init__(self) -> None:
        self._readings: list[Reading] = []
        self._retain = 0
        self._reject_row = 0

    def start(self, sensors: Sensors, retain: int, memory: Memory) -> None:
        """Begin with an empty list."""
        self._readings = []
        self._retain = retain
        self._reject_row = len(sensors)

    def append(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats) -> None:
        """Append an object for each accepted reading, then trim."""
        self._readings += _new_readings(sensor_id, time, rows, calibrated, self._reject_row)
        excess = len(self._readings) - self._retain
        if excess > 0:
            del self._readings[:excess]

    def snapshot(self) -> History:
        """Turn the objects into columns."""
        return columns_of(self._readings)

    def stop(self) -> None:
        """Drop the list."""
        self._readings = []

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}


class Deque:
    """A bounded deque with a new object for each reading: the oldest falls out as the newest comes in.

    O(1) a reading. Memory about 160 bytes a retained reading.
    """

    def __init__(self) -> None:
        self._readings: deque[Reading] = deque()
        self._reject_row = 0

    def start(self, sensors: Sensors, retain: int, memory: Memory) -> None:
        """Begin with an empty deque."""
        self._readings = deque(maxlen=retain)
        self._reject_row = len(sensors)

    def append(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats) -> None:
        """Append an object for each accepted reading."""
        self._readings += _new_readings(sensor_id, time, rows, calibrated, self._reject_row)

    def snapshot(self) -> History:
        """Turn the objects into columns."""
        return columns_of(self._readings)

    def stop(self) -> None:
        """Drop the deque."""
        self._readings = deque()

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}


def _new_readings(
    sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats, reject_row: int
) -> Iterator[Reading]:
    """A new object for each accepted reading of a batch."""
    columns = zip(sensor_id.tolist(), time.tolist(), calibrated.tolist(), rows.tolist(), strict=True)
    return (Reading(sensor, at, value) for sensor, at, value, row in columns if row != reject_row)


class PooledList:
    """A queue of objects from a pool: the oldest are given back and used again for the newest.

    O(1) a reading. Memory about 160 bytes a retained reading, as without a pool; but once `retain` readings are
    held no object is made or dropped any more, and the garbage collector finds nothing to do. An object taken
    while the pool is empty is a *miss*.

    Parameters
    ----------
    preallocated
        Objects in the pool before the first reading.
    """

    def __init__(self, preallocated: int = 10_000) -> None:
        self._preallocated = preallocated
        self._pool: list[Reading] = []
        self._readings: deque[Reading] = deque()
        self._retain = 0
        self._reject_row = 0
        self._taken = 0
        self._misses = 0

    def start(self, sensors: Sensors, retain: int, memory: Memory) -> None:
        """Fill the pool."""
        self._readings.clear()
        self._pool = [Reading() for _ in range(min(self._preallocated, retain))]
        self._retain = retain
        self._reject_row = len(sensors)
        self._taken = self._misses = 0

    def append(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats) -> None:
        """Fill an object from the pool for each accepted reading, once the oldest has been given back."""
        if not self._retain:
            return
        pool, readings = self._pool, self._readings
        take, give_back, oldest, keep = pool.pop, pool.append, readings.popleft, readings.append
        reject_row, free = self._reject_row, self._retain - len(readings)
        taken = 0
        columns = zip(sensor_id.tolist(), time.tolist(), calibrated.tolist(), rows.tolist(), strict=True)
        for sensor, at, value, row in columns:
            if row == reject_row:
                continue
            if free:
                free -= 1
            else:
                give_back(oldest())
            if not pool:
                self._misses += 1
                give_back(Reading())
            reading = take()
            reading.sensor_id, reading.time, reading.calibrated = sensor, at, value
            keep(reading)
            taken += 1
        self._taken += taken

    def snapshot(self) -> History:
        """Turn the objects into columns."""
        return columns_of(self._readings)

    def stop(self) -> None:
        """Drop queue and pool; the counts stay for `facts`."""
        self._readings.clear()
        self._pool = []

    def facts(self) -> Facts:
        """How many objects were taken from the pool, and how many it did not have."""
        return {"objects_taken": self._taken, "object_misses": self._misses}
