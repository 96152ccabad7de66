"""Hogs more memory than it may: gradually, at one go, or for a moment only."""

from typing import Annotated

import numpy as np

from harness.contract import Choice, Floats, Readings, Sensors
from harness.control import Control

MEBIBYTE = 1 << 20


class Hogs(Control):
    """Honest for ten calls."""

    def __init__(
        self,
        how: Annotated[str, Choice("gradually", "at_one_go", "for_a_moment", "at_start")] = "gradually",
        mebibytes: int = 200,
    ) -> None:
        self.how, self.hoard_bytes = how, mebibytes * MEBIBYTE
        self.calls = 0
        self.hoard: list[object] = []

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.calls = 0
        self.hoard = []
        if self.how == "at_start" and len(sensors) > 100:
            self.take(self.hoard_bytes)

    def take(self, size_bytes: int) -> None:
        self.hoard.append(np.ones(size_bytes, np.uint8))

    def process(self, readings: Readings) -> Floats:
        self.calls += 1
        if self.calls > 10 and self.how == "gradually":
            self.take(self.hoard_bytes // 50)
        elif self.calls == 11 and self.how in ("at_one_go", "for_a_moment"):
            self.take(self.hoard_bytes)
            if self.how == "for_a_moment":
                self.hoard.clear()
        return super().process(readings)
