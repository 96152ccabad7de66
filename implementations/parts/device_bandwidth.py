"""How fast a device copies within itself and over its link: what nothing that passes readings can beat."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from implementations.parts.device import Device

COPY_BYTES = 256 << 20
_REPEATS = 5


def measure(device: Device, copy_bytes: int = COPY_BYTES) -> Mapping[str, float]:
    """Bytes a second by the device's own events, the best of five; ``device_copy`` counts read plus written.

    ``both_ways`` is the sum of both directions at once, each on a stream of its own.
    """
    there, also = device.array(copy_bytes, np.uint8), device.array(copy_bytes, np.uint8)
    here, back = device.pinned(copy_bytes, np.uint8), device.pinned(copy_bytes, np.uint8)
    here[:] = back[:] = 1
    stream, other = device.stream(), device.stream()

    def both() -> None:
        device.put(there, here, stream)
        device.get(back, also, other)
        joined = device.event()
        device.record(joined, other)
        device.hold(stream, joined)

    def rate(moved_bytes: int, queue: Callable[[], None]) -> float:
        return moved_bytes / min(_seconds(device, stream, queue) for _ in range(_REPEATS))

    return {
        "to_device": rate(copy_bytes, lambda: device.put(there, here, stream)),
        "to_host": rate(copy_bytes, lambda: device.get(back, there, stream)),
        "both_ways": rate(2 * copy_bytes, both),
        "device_copy": rate(2 * copy_bytes, lambda: device.copy(also, there, stream)),
    }


def _seconds(device: Device, stream: Any, queue: Callable[[], None]) -> float:
    begin, end = device.event(), device.event()
    device.synchronize()
    device.record(begin, stream)
    queue()
    device.record(end, stream)
    device.synchronize()
    return device.seconds(begin, end)
