"""A retained reading as a Python object, and columns made of many."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from harness.contract import History


@dataclass(slots=True)
class Reading:
    """One retained reading."""

    sensor_id: int = 0
    time: int = 0
    calibrated: float = 0.0


def columns_of(readings: Collection[Reading]) -> History:
    """The same readings as arrays."""
    return History(
        np.array([reading.sensor_id for reading in readings], np.uint32),
        np.array([reading.time for reading in readings], np.int64),
        np.array([reading.calibrated for reading in readings], np.float32),
    )
