"""Hands back float64."""

from typing import Any

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "forms_exact")


class WrongDtype(Control):
    """More digits than were asked for."""

    def hand_back(self, calibrated: Floats) -> Any:
        return calibrated.astype(np.float64)
