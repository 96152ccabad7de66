"""Rounds once or twice by chance: each value is within its bound, and no two runs are the same."""

import random

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "hash_seed_does_not_matter")
_chance = random.SystemRandom()


class Nondeterministic(Control):
    """Fused for some, unfused for others."""

    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        once = (value.astype(np.float64) * gain + offset).astype(np.float32)
        twice = super().calibrate(value, gain, offset)
        chosen = np.frombuffer(_chance.randbytes(len(value)), np.uint8) & 1
        return np.where(chosen.astype(np.bool_), once, twice)
