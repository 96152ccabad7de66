"""How fast a device copies within itself and over its link: what nothing that passes readings can beat."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from implementations.parts.device import Device

COPY_BYTES = 256 << 20
_REPEATS = 5
_COPIES_WITHIN = 16
"""Copies within the device that are timed together: one alone is over before its start and end stop counting."""


def measure(device: Device, copy_bytes: int = COPY_BYTES) -> Mapping[str, float]:
    """Bytes a second by the device's own events, the best of five; ``device_copy`` counts read plus written.

    ``both_ways`` is the sum of both directions at once, each on a stream of its own.
    """
    there, also = device.array(copy_bytes, np.uint8), device.array(copy_bytes, np.uint8)
    here, back = device.pinned(copy_bytes, np.uint8), device.pinned(copy_bytes, np.uint8)
    here[:] = back[:] = 1
    stream, other = device.stream(), device.stream()

    def both() -> None:
        parted, joined = device.event(), device.event()
        device.record(parted, stream)
        device.hold(other, parted)
        device.put(there, here, stream)
        device.get(back, also, other)
        device.record(joined, other)
        device.hold(stream, joined)

    def within() -> None:
        for _ in range(_COPIES_WITHIN):
            device.copy(also, there, stream)

    def rate(moved_bytes: int, queue: Callable[[], None]) -> float:
        return moved_bytes / min(_seconds(device, stream, queue) for _ in range(_REPEATS))

    return {
        "to_device": rate(copy_bytes, lambda: device.put(there, here, stream)),
        "to_host": rate(copy_bytes, lambda: device.get(back, there, stream)),
        "both_ways": rate(2 * copy_bytes, both),
        "device_copy": rate(2 * copy_bytes * _COPIES_WITHIN, within),
    }


def _seconds(device: Device, stream: Any, queue: Callable[[], None]) -> float:
    begin, end = device.event(), device.event()
    device.synchronize()
    device.record(begin, stream)
    queue()
    device.record(end, stream)
    device.synchronize()
    return device.seconds(begin, end)
