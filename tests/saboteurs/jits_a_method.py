"""The study's decorator: compiles a method, whose `self` Numba cannot type."""

from numba import njit

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "failed", "TypingError")


class JitsAMethod(Control):
    """Fails in the first call."""

    @njit  # type: ignore[untyped-decorator]
    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        return value * gain + offset
