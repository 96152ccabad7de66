"""Its Numba decorator is on a method, whose self has no type that Numba knows."""

from numba import jit

from harness.contract import Floats
from harness.control import Control

LISTING = "@jit(nopython=True) def process_batch(self, data): ..."
SEEN_BY = "the crash status"


class DecoratesAMethod(Control):
    """Cannot be compiled: fails in the first call."""

    @jit(nopython=True)  # type: ignore[untyped-decorator]
    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        return value * gain + offset
