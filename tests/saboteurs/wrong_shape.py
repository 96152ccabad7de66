"""Hands back a column instead of a row."""

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "forms_exact")


class WrongShape(Control):
    """One dimension too many."""

    def hand_back(self, calibrated: Floats) -> Floats:
        return calibrated.reshape(-1, 1)
