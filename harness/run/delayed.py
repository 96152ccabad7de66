"""Delayed: any implementation, slowed by a known share; what the sentinels and the benchmark of the verdicts plant."""

from typing import Annotated

from harness.contract import Approach, Floats, History, LogRange, Processor, Readings, Sensors, Statistics
from harness.discovery import find, load
from harness.errors import ContractError
from harness.measure.processes.clock import now_ns


class Delayed(Processor):
    """Does what `inner` does, and after each call spins for `share` of the time that took.

    Parameters
    ----------
    inner
        Name of the implementation.
    share
        How much longer each call takes: 0.05 is 5%.
    """

    approach = Approach.YOURS

    def __init__(self, inner: str = "sorted_indexed", share: Annotated[float, LogRange(1e-6, 10.0)] = 0.05) -> None:
        made = load(find("processors", inner))()
        if not isinstance(made, Processor):
            raise ContractError(f"{inner!r} is no Processor")
        self._inner = made
        self._share = share
        self._began_ns = 0

    def _spin(self) -> None:
        now = now_ns()
        until_ns = now + (now - self._began_ns) * self._share
        while now_ns() < until_ns:
            pass

    def start(self, sensors: Sensors, retain: int) -> None:
        """Start the inner one."""
        self._inner.start(sensors, retain)

    def process(self, readings: Readings) -> Floats:
        """Process, then spin."""
        self._began_ns = now_ns()
        values = self._inner.process(readings)
        self._spin()
        return values

    def flush(self) -> Floats:
        """Flush, then spin."""
        self._began_ns = now_ns()
        values = self._inner.flush()
        self._spin()
        return values

    def close_window(self) -> Statistics:
        """Close the window, then spin."""
        self._began_ns = now_ns()
        statistics = self._inner.close_window()
        self._spin()
        return statistics

    def history(self) -> History:
        """What the inner one retains."""
        return self._inner.history()

    def stop(self) -> None:
        """Stop the inner one."""
        self._inner.stop()
