"""Prints 100 MB."""

import sys

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "failed", "printed")


class Prints100Mb(Control):
    """In the first call, and goes on printing in the next."""

    def process(self, readings: Readings) -> Floats:
        for _ in range(100):
            sys.stdout.write("x" * 1_000_000)
        sys.stdout.flush()
        return super().process(readings)
