"""One value of a batch is off by the least that is not allowed."""

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "values_calibrated")


class JustAboveAllowedError(Control):
    """Moves the middle value up to the first float32 beyond the bound."""

    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        out = super().calibrate(value, gain, offset)
        if len(out):
            at = len(out) // 2
            product = float(value[at]) * float(gain[at])
            exact = product + float(offset[at])
            allowed = 2.0**-24 * (abs(product) + abs(exact)) + 2.0**-48 * abs(product) + 2.0**-150
            while abs(float(out[at]) - exact) <= allowed * (1 + 1e-9):
                out[at] = np.nextafter(out[at], np.float32(np.inf))
        return out
