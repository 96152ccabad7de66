"""Ends its process: by exit code, by abort, by a segmentation fault."""

import ctypes
import os
from typing import Annotated

from harness.contract import Choice, Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "crashed", "")
VARIANTS = ("[by=exit]", "[by=abort]", "[by=segfault]")


class Crashes(Control):
    """In the first call."""

    def __init__(self, by: Annotated[str, Choice("exit", "abort", "segfault")] = "exit") -> None:
        self.by = by

    def process(self, readings: Readings) -> Floats:
        if self.by == "exit":
            os._exit(0)
        if self.by == "abort":
            os.abort()
        ctypes.string_at(0)
        return super().process(readings)
