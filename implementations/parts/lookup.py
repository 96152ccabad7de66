"""Lookup: which row of the sensor table a reading belongs to."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness.contract import Sensors
from implementations.parts.hashed import Hashed
from implementations.parts.protocols import Facts, Memory, Rows

__all__ = ["Cached", "Dict", "Hashed", "Scan", "Sorted"]


@dataclass(slots=True)
class Sensor:
    """One sensor as an object, the way a first version of such a program holds it."""

    id: int
    row: int


class Scan:
    """A list of sensor objects, searched from the front for each reading.

    O(S) a reading.
    """

    def __init__(self) -> None:
        self._sensors: list[Sensor] = []

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Make the objects."""
        self._sensors = [Sensor(sensor_id, row) for row, sensor_id in enumerate(sensors.id.tolist())]

    def find(self, wanted: int) -> int:
        """The row of one id, S if there is none."""
        for sensor in self._sensors:
            if sensor.id == wanted:
                return sensor.row
        return len(self._sensors)

    def rows(self, sensor_id: NDArray[np.uint32], rows: Rows) -> None:
        """Search for each reading in turn."""
        rows[:] = [self.find(wanted) for wanted in sensor_id.tolist()]

    def stop(self) -> None:
        """Drop the objects."""
        self._sensors = []

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}


class Dict:
    """A dict from id to row.

    O(1) a reading, about 100 bytes a sensor.
    """

    def __init__(self) -> None:
        self._row_of: dict[int, int] = {}

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Fill the dict."""
        self._row_of = {sensor_id: row for row, sensor_id in enumerate(sensors.id.tolist())}

    def rows(self, sensor_id: NDArray[np.uint32], rows: Rows) -> None:
        """Look each reading up in turn."""
        find, missing = self._row_of.get, len(self._row_of)
        rows[:] = [find(wanted, missing) for wanted in sensor_id.tolist()]

    def stop(self) -> None:
        """Drop the dict."""
        self._row_of = {}

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}


class Cached:
    """A bounded cache of the least recently used kind in front of a scan.

    O(1) a hit, O(S) a miss. Ids without a sensor are cached as well: they would cost a full scan each time.

    Parameters
    ----------
    entries
        Most ids that are remembered.
    """

    def __init__(self, entries: int = 1024) -> None:
        self._scan = Scan()
        self._find = lru_cache(maxsize=entries)(self._scan.find)

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Begin with an empty cache."""
        self._scan.start(sensors, memory)
        self._find.cache_clear()

    def rows(self, sensor_id: NDArray[np.uint32], rows: Rows) -> None:
        """Ask the cache for each reading in turn; what it does not know is searched for."""
        rows[:] = [self._find(wanted) for wanted in sensor_id.tolist()]

    def stop(self) -> None:
        """Drop cache and sensors."""
        self._find.cache_clear()
        self._scan.stop()

    def facts(self) -> Facts:
        """Hits and misses of the cache."""
        found = self._find.cache_info()
        return {
            "cache_hits": found.hits,
            "cache_misses": found.misses,
            "cache_hit_rate": found.hits / max(found.hits + found.misses, 1),
        }


class Sorted:
    """Binary search in the sorted ids: the usual NumPy answer.

    O(log S) a reading, 12 bytes a sensor.
    """

    def __init__(self) -> None:
        self.stop()

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Sort the ids."""
        order = np.argsort(sensors.id)
        self._ids = sensors.id[order]
        self._rows = np.append(order, len(sensors))

    def rows(self, sensor_id: NDArray[np.uint32], rows: Rows) -> None:
        """Search for the whole batch, and refuse places that hold another id."""
        if len(self._ids) == 0:
            rows[:] = 0
            return
        places = np.searchsorted(self._ids, sensor_id)
        known = np.take(self._ids, places, mode="clip") == sensor_id
        places[~known] = len(self._ids)
        np.take(self._rows, places, out=rows, mode="clip")

    def stop(self) -> None:
        """Drop the index."""
        self._ids = np.empty(0, np.uint32)
        self._rows = np.zeros(1, np.intp)

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}
