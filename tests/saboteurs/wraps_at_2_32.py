"""Keeps times in 32 bits."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "history_times_exact")


class WrapsAt232(Control):
    """Half the memory for a time, and four seconds of it."""

    def retain(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], calibrated: Floats) -> None:
        super().retain(sensor_id, time.astype(np.uint32).astype(np.int64), calibrated)
