"""Rounds once or twice as the hash of a name falls out: the same within a process, another in the next."""

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "hash_seed_does_not_matter")


class DependsOnHashSeed(Control):
    """The order of a set decides."""

    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        once = (value.astype(np.float64) * gain + offset).astype(np.float32)
        twice = super().calibrate(value, gain, offset)
        names = np.array([hash(f"reading {index}") & 1 for index in range(len(value))], np.bool_)
        return np.where(names, once, twice)
