"""Hands back an array at once and fills it in a thread."""

import threading
import time

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "outputs_whole")


class FinishesInBackground(Control):
    """Fast, as long as nobody looks."""

    def hand_back(self, calibrated: Floats) -> Floats:
        out = np.zeros(len(calibrated), np.float32)
        threading.Thread(target=_fill_soon, args=(out, calibrated)).start()
        return out


def _fill_soon(out: Floats, calibrated: Floats) -> None:
    time.sleep(0.0003)
    out[:] = calibrated
