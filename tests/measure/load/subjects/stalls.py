"""Does what another does, and once, in the midst of it, stands still."""

import time
from typing import Annotated

from harness.contract import Floats, History, LogRange, Processor, Readings, Sensors, Statistics
from harness.contract.processor import Approach
from harness.discovery import find, load


class Stalls(Processor):
    """Stands still for `stall_s` in each call that brings it past a multiple of `every` readings."""

    approach = Approach.YOURS

    def __init__(
        self,
        inner: str = "simd",
        stall_s: Annotated[float, LogRange(0.001, 1.0)] = 0.2,
        every: Annotated[int, LogRange(1, 10**9)] = 5_000_000,
    ) -> None:
        made = load(find("processors", inner))()
        assert isinstance(made, Processor)
        self.inner, self.stall_s, self.every = made, stall_s, every
        self.count = 0

    def start(self, sensors: Sensors, retain: int) -> None:
        self.count = 0
        self.inner.start(sensors, retain)

    def process(self, readings: Readings) -> Floats:
        before = self.count // self.every
        self.count += len(readings)
        if self.count // self.every > before:
            time.sleep(self.stall_s)
        return self.inner.process(readings)

    def flush(self) -> Floats:
        return self.inner.flush()

    def close_window(self) -> Statistics:
        return self.inner.close_window()

    def history(self) -> History:
        return self.inner.history()

    def stop(self) -> None:
        self.inner.stop()
