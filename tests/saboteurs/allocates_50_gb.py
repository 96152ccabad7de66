"""Allocates 50 GB and touches every page."""

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "out_of_memory", "used")
MEMORY_BYTES = 128_000_000
"""Enough for the honest, and soon used up: to touch a gigabyte first takes a busy virtual machine many seconds."""

_STEP = 16 << 20


class Allocates50Gb(Control):
    """In steps, in the first call."""

    def process(self, readings: Readings) -> Floats:
        self.hoard = [bytearray(b"x") * _STEP for _ in range((50 << 30) // _STEP)]
        return super().process(readings)
