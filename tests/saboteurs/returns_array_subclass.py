"""Hands back a subclass of ndarray."""

from typing import Any

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "types_plain")


class _Mine(np.ndarray[Any, Any]):
    """May do anything when it is read."""


class ReturnsArraySubclass(Control):
    """isinstance would let it pass."""

    def hand_back(self, calibrated: Floats) -> Floats:
        return calibrated.view(_Mine)
