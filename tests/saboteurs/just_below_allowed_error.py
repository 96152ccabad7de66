"""As far off as is allowed, and no farther: must be found right."""

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "ok", "")


class JustBelowAllowedError(Control):
    """Moves each value away from the exact one, as long as it stays within the bound."""

    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        product = value.astype(np.float64) * gain
        exact = product + offset
        allowed = 2.0**-24 * (np.abs(product) + np.abs(exact)) + 2.0**-48 * np.abs(product) + 2.0**-150
        best = super().calibrate(value, gain, offset)
        for _ in range(40):
            farther = np.nextafter(best, np.float32(np.inf))
            inside = np.abs(farther - exact) <= allowed * (1 - 1e-9)
            if not inside.any():
                break
            best = np.where(inside, farther, best)
        return best
