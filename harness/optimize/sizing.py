"""How many sensors make an implementation as slow as is wanted, found by a short search."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from harness.contract import Size
from harness.discovery import Entry
from harness.errors import MeasurementError, UsageError
from harness.measure.processes.handle import Limits, Worker
from harness.run.inputs import Inputs

MOST_SENSORS = 10_000_000
_BATCH = 10_000
"""The study's own batch."""

_FIRST_GUESSES = (100, 1_000)
_TOLERANCE = 0.05
_MOST_PROBES = 8
_DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class Found:
    """The number of sensors, the rate it gives, and every probe on the way: (sensors, readings/s)."""

    sensors: int
    per_s: float
    probes: tuple[tuple[int, float], ...]


def sensors_for(wanted_per_s: float, per_s_with: Callable[[int], float]) -> Found:
    """The number of sensors at which ``per_s_with(sensors)`` is nearest to `wanted_per_s`.

    A scan takes a + b * sensors a reading, so the two numbers nearest to the aim give the next by a straight line. One
    that comes within 5% is probed again, because a single probe may be off; it is found when both together are within
    5%, or after eight probes.

    Raises
    ------
    MeasurementError
        If more sensors do not make it slower, so that there is nothing to find.

    Examples
    --------
    >>> sensors_for(1e5, lambda sensors: 1e9 / (800 + 9.2 * sensors)).sensors
    1000
    """
    probes = {sensors: [per_s_with(sensors)] for sensors in _FIRST_GUESSES}

    def per_s(sensors: int) -> float:
        return math.prod(probes[sensors]) ** (1 / len(probes[sensors]))

    def distance(sensors: int) -> float:
        return abs(math.log(per_s(sensors) / wanted_per_s))

    for _ in range(_MOST_PROBES - len(probes)):
        near, other = sorted(probes, key=distance)[:2]
        if distance(near) <= math.log1p(_TOLERANCE):
            if len(probes[near]) > 1:
                break
            probes[near].append(per_s_with(near))
            continue
        slope = (1 / per_s(near) - 1 / per_s(other)) / (near - other)
        if slope <= 0:
            raise MeasurementError(
                f"{max(near, other)} sensors are not slower than {min(near, other)}; "
                "expected a scan, whose cost grows with them: name the number with --sensors"
            )
        aim = near + (1 / wanted_per_s - 1 / per_s(near)) / slope
        guess = int(np.clip(round(aim), 1, MOST_SENSORS))
        if guess in probes:
            break
        probes[guess] = [per_s_with(guess)]
    best = min(probes, key=distance)
    return Found(best, per_s(best), tuple((sensors, one) for sensors, taken in probes.items() for one in taken))


def size_with(sensors: int, per_s: float) -> Size:
    """A size with that many sensors that takes an implementation of `per_s` about two seconds, if that can be.

    Batches are the study's, or a quarter of them where two seconds do not do for one; windows hold whole batches, so a
    slow one has fewer of them, two at least; what is retained fills in two seconds at most.

    >>> size_with(1000, 1e5)
    Size(name='1,000 sensors', readings=200000, sensors=1000, batch=10000, retain=100000, windows=10)
    >>> size_with(10_000, 8e3)
    Size(name='10,000 sensors', readings=20000, sensors=10000, batch=10000, retain=10000, windows=2)
    >>> size_with(10_000, 4e3)
    Size(name='10,000 sensors', readings=7500, sensors=10000, batch=2500, retain=3750, windows=3)
    """
    batch = _BATCH if 2 * per_s >= _BATCH else _BATCH // 4
    windows = min(max(round(2 * per_s / batch), 2), 10)
    batches = round(2 * per_s / batch / windows) * windows
    readings = batch * min(max(batches, windows), 100)
    retain = int(min(readings // 2, max(batch, 2 * per_s)))
    return Size(f"{sensors:,} sensors", readings, sensors, batch, retain, windows)


class SizedInputs(Inputs):
    """Inputs that also know sizes of one's own by their names, from which nothing steps down."""

    def __init__(self, sizes: Mapping[str, Size] | None = None) -> None:
        super().__init__()
        self.sizes = dict(sizes or {})

    def size(self, text: str, name: str | None) -> Size:
        """The size called `name`, one's own first."""
        return self.sizes[name] if name in self.sizes else super().size(text, name)

    def smaller(self, text: str, name: str) -> str | None:
        """None for a size of one's own: another would be another question."""
        return None if name in self.sizes else super().smaller(text, name)


def probed_per_s(entry: Entry, inputs: Inputs, workload: str, size: Size, limits: Limits, seconds: float) -> float:
    """Readings a second of `entry`, roughly: one worker, windows for `seconds`, the median of the later half."""
    stream = inputs.stream(workload, size)
    if stream.size.sensors != size.sensors:
        raise UsageError(
            f"workload {stream.workload} has {stream.size.sensors:,} sensors whatever is asked for, and "
            f"{size.sensors:,} are; choose a generated workload"
        )
    with Worker(entry, limits) as worker:
        worker.ask("start", {"folder": str(stream.folder)}, deadline_s=_DEADLINE_S)
        request = {"min_calls": 3, "min_s": seconds, "min_readings": 0, "most_s": 10 * seconds}
        reply = worker.ask("warm_up", request, deadline_s=_DEADLINE_S)
    per_reading_ns = reply.arrays["per_reading_ns"]
    return 1e9 / float(np.median(per_reading_ns[len(per_reading_ns) // 2 :]))
