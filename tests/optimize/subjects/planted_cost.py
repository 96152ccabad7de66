"""A cost that is known: two milliseconds a batch and as much again for every 250 sensors; three times that if told."""

import time
from pathlib import Path

from harness.contract import Floats, Readings
from harness.control import Control

SLOW = "slow"
"""Name of the file beside this one that makes it slow."""


class PlantedCost(Control):
    """Takes what it is planted to, whatever else the machine does, within a scheduler's accuracy."""

    def process(self, readings: Readings) -> Floats:
        began_s = time.perf_counter()
        values = super().process(readings)
        planted_s = 2e-3 * (1 + len(self.sensors) / 250)
        if Path(__file__).with_name(SLOW).exists():
            planted_s *= 3
        time.sleep(max(0.0, planted_s - (time.perf_counter() - began_s)))
        return values
