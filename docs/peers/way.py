"""One spelling of the job in a library's own words."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.contract import Floats, History, Processor, Readings, Sensors, Statistics
from implementations.parts.accepted import Rows
from implementations.parts.deferred import DeferredProcessor, WindowColumns


@dataclass(frozen=True, slots=True)
class Way:
    """A spelling that was tried: the whole job, with one step of it spelled otherwise than in the peer.

    Parameters
    ----------
    step
        Which step: "the peer", "match", "aggregate", "when".
    text
        What is called, as Markdown.
    make
        Makes the processor.
    remark
        What else there is to know.
    """

    step: str
    text: str
    make: Callable[[], Processor]
    remark: str = ""


def scatter(window: WindowColumns, row: Rows, calibrated: Floats) -> None:
    """Aggregate by NumPy alone, for the rows of a table that show what a library's own grouping costs."""
    np.add.at(window.count, row, 1)
    np.add.at(window.sum, row, calibrated.astype(np.float64))
    np.minimum.at(window.minimum, row, calibrated)
    np.maximum.at(window.maximum, row, calibrated)
    window.last[row] = calibrated


class HeldBack(Processor):
    """Hands readings on only when `most` of them have come: quicker a reading, and every reading waits."""

    def __init__(self, inner: DeferredProcessor, most: int = 100_000) -> None:
        self._inner, self._most = inner, most
        self._sensor_id = np.empty(most, np.uint32)
        self._time = np.empty(most, np.int64)
        self._value = np.empty(most, np.float32)
        self._held = 0
        self._ready: list[Floats] = []

    def start(self, sensors: Sensors, retain: int) -> None:
        """Start the processor behind."""
        self._held, self._ready = 0, []
        self._inner.start(sensors, retain)

    def process(self, readings: Readings) -> Floats:
        """Take a batch; return values only when enough readings were held back."""
        for part in readings.batches(self._most):
            if self._held + len(part) > self._most:
                self._pass_on()
            here = slice(self._held, self._held + len(part))
            self._sensor_id[here], self._time[here], self._value[here] = part.sensor_id, part.time, part.value
            self._held += len(part)
        ready, self._ready = self._ready, []
        if len(ready) == 1:
            return ready[0]
        return np.concatenate(ready) if ready else np.empty(0, np.float32)

    def flush(self) -> Floats:
        """Return every value still owed."""
        self._pass_on()
        return self.process(Readings.empty())

    def close_window(self) -> Statistics:
        """Pass on what is held, then close."""
        self._pass_on()
        return self._inner.close_window()

    def history(self) -> History:
        """Pass on what is held, then ask."""
        self._pass_on()
        return self._inner.history()

    def stop(self) -> None:
        """Stop the processor behind."""
        self._inner.stop()

    def _pass_on(self) -> None:
        if self._held:
            held = Readings(self._sensor_id, self._time, self._value)[: self._held]
            self._ready.append(self._inner.process(held).copy())
            self._held = 0
