"""Takes a reading equal to the one before it for a mistake and leaves it out of statistics and history."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "doubled_readings")


class RemovesDuplicates(Control):
    """drop_duplicates."""

    def add_up(self, rows: NDArray[np.int64], calibrated: Floats) -> None:
        fresh = np.ones(len(rows), np.bool_)
        fresh[1:] = (np.diff(rows) != 0) | (np.diff(calibrated) != 0)
        super().add_up(rows[fresh], calibrated[fresh])
