"""Lookup: which row of the sensor table a reading belongs to."""

from collections import OrderedDict
from dataclasses import dataclass

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
        self._entries = entries
        self._scan = Scan()
        self._row_of: OrderedDict[int, int] = OrderedDict()
        self._hits = 0
        self._misses = 0

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Begin with an empty cache."""
        self._scan.start(sensors, memory)
        self._row_of.clear()
        self._hits = self._misses = 0

    def rows(self, sensor_id: NDArray[np.uint32], rows: Rows) -> None:
        """Ask the cache for each reading in turn, and the scan for what it does not know."""
        rows[:] = [self._find(wanted) for wanted in sensor_id.tolist()]

    def _find(self, wanted: int) -> int:
        cache = self._row_of
        row = cache.get(wanted)
        if row is not None:
            self._hits += 1
            cache.move_to_end(wanted)
            return row
        self._misses += 1
        row = cache[wanted] = self._scan.find(wanted)
        if len(cache) > self._entries:
            cache.popitem(last=False)
        return row

    def stop(self) -> None:
        """Drop cache and sensors; the counts stay for `facts`."""
        self._row_of.clear()
        self._scan.stop()

    def facts(self) -> Facts:
        """Hits and misses of the cache."""
        asked = self._hits + self._misses
        return {"cache_hits": self._hits, "cache_misses": self._misses, "cache_hit_rate": self._hits / max(asked, 1)}


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
