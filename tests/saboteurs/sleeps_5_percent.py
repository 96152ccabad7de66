"""Takes 5% longer than the honest control: right, and never "same" or "faster"."""

import time

from harness.contract import Floats, Readings
from harness.control import Control

EXPECTED = ("compared", "ok", "slower or inconclusive")


class Sleeps5Percent(Control):
    """Waits for a twentieth of what each batch took."""

    def process(self, readings: Readings) -> Floats:
        began_ns = time.perf_counter_ns()
        values = super().process(readings)
        until_ns = time.perf_counter_ns() + (time.perf_counter_ns() - began_ns) // 20
        while time.perf_counter_ns() < until_ns:
            pass
        return values
