"""History: the newest accepted readings.

Lists of objects are here; Ring, Packed and Mapped have files of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Sensors
from implementations.parts.protocols import Facts, Memory, Rows
from implementations.parts.ring import CompiledRing, Ring

__all__ = ["CompiledRing", "Reading", "Ring", "TrimmedList"]


@dataclass(slots=True)
class Reading:
    """One retained reading as an object."""

    sensor_id: int
    time: int
    calibrated: float


class TrimmedList:
    """A list with a new object for each reading, trimmed from the front after each batch.

    Memory about 160 bytes a retained reading; trimming moves O(retain) references a batch.
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
        columns = zip(sensor_id.tolist(), time.tolist(), calibrated.tolist(), rows.tolist(), strict=True)
        reject_row = self._reject_row
        self._readings += [Reading(sensor, at, value) for sensor, at, value, row in columns if row != reject_row]
        excess = len(self._readings) - self._retain
        if excess > 0:
            del self._readings[:excess]

    def snapshot(self) -> History:
        """Turn the objects into columns."""
        return _columns(self._readings)

    def stop(self) -> None:
        """Drop the list."""
        self._readings = []

    def facts(self) -> Facts:
        """Nothing to tell."""
        return {}


def _columns(readings: Iterable[Reading]) -> History:
    readings = list(readings)
    return History(
        np.array([reading.sensor_id for reading in readings], np.uint32),
        np.array([reading.time for reading in readings], np.int64),
        np.array([reading.calibrated for reading in readings], np.float32),
    )
