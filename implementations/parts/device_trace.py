"""Where the device's time goes, by its own events: copies in, waiting for the piece before, kernels, copies home."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from implementations.parts.device import Device

_SPANS = {"begin": "copy_in_s", "arrived": "wait_s", "ready": "kernel_s", "computed": "copy_out_s"}
"""What takes the time from a mark to the next."""


class Trace:
    """Marks of every piece since it began; `spent` adds them up once the device is idle.

    Five events a piece: a few microseconds each, so that nothing is judged by its speed while a trace is on.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._pieces: list[dict[str, Any]] = []

    def mark(self, name: str, stream: Any) -> None:
        """Set the next mark of a piece: begin, arrived, ready, computed, home, in this order."""
        if name == "begin":
            self._pieces.append({})
        if self._pieces:
            event = self._pieces[-1][name] = self._device.event()
            self._device.record(event, stream)

    def spent(self) -> Mapping[str, float]:
        """Seconds by what took them, summed over all pieces; the device must be idle."""
        spent = dict.fromkeys(_SPANS.values(), 0.0)
        for marks in self._pieces:
            for (name, begin), (_, end) in pairwise(marks.items()):
                spent[_SPANS[name]] += self._device.seconds(begin, end)
        return spent
