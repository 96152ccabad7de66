"""The roofline: how many readings a second this machine's memory could pass at all, and what share was reached.

The job must move a fixed number of bytes for each reading. Copying the same number of bytes as fast as this machine
can, within the same footprint, is the limit: nothing that really does the job beats it, so whatever seems to is
flagged.
"""

import bisect
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from harness.errors import MeasurementError
from harness.machine.cpu import allowed_cpus
from harness.machine.host import Host
from harness.machine.memory import read_memory
from harness.units import format_bytes, format_rate

INPUT_BYTES = 16
"""Read: sensor_id, time and value of a reading."""
OUTPUT_BYTES = 4
"""Written: its calibrated value."""
RETAINED_BYTES = 16
"""Written once more where readings are retained: sensor_id, time and calibrated value."""
SENSOR_BYTES = 44
"""Kept for a sensor: id, gain and offset; count, sum, minimum, maximum and last."""

_LEAST_BYTES = 4096
_MOST_BYTES = 512 << 20
_MOST_MEMORY_SHARE = 0.25
_DEADLINE_S = 60.0
_DEADLINE_A_POINT_S = 10.0
_Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CopyBandwidth:
    """Copying within a footprint.

    Parameters
    ----------
    footprint_bytes
        Source and target together, over all threads.
    threads
        Each on a CPU of its own.
    bytes_per_s
        Read plus written; the best of many calls, since disturbance can only slow a copy down.
    kernel
        ``memcpy`` or ``loop``, whichever was faster. Beyond its share of the last cache memcpy stores past the
        caches and so saves reading the lines it overwrites; a plain loop does not.
    """

    footprint_bytes: int
    threads: int
    bytes_per_s: float
    kernel: str

    def as_dict(self) -> dict[str, Any]:
        """As plain data that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """From plain data."""
        return cls(stored["footprint_bytes"], stored["threads"], stored["bytes_per_s"], stored["kernel"])


@dataclass(frozen=True, slots=True)
class Roofline:
    """The limit of one cell.

    Parameters
    ----------
    bytes_per_reading
        What the job must move for each.
    copy
        This machine's bandwidth at the cell's own footprint.

    Examples
    --------
    >>> limit = Roofline(36, CopyBandwidth(3_000_000, 1, 36e9, "memcpy"))
    >>> limit.limit_per_s, limit.share(250e6), limit.flag(250e6)
    (1000000000.0, 0.25, None)
    >>> limit.flag(1.5e9)
    '1.50G/s is 1.50 times what copying 36 bytes a reading allows (1.00G/s): check the measurement'
    """

    bytes_per_reading: int
    copy: CopyBandwidth

    @property
    def limit_per_s(self) -> float:
        """Readings a second that memory can pass."""
        return self.copy.bytes_per_s / self.bytes_per_reading

    def share(self, throughput_per_s: float) -> float:
        """The part of the limit that a throughput reaches."""
        return throughput_per_s / self.limit_per_s

    def flag(self, throughput_per_s: float) -> str | None:
        """Say so if a throughput is above what the hardware allows; None if it is not."""
        share = self.share(throughput_per_s)
        if share <= 1:
            return None
        return (
            f"{format_rate(throughput_per_s)} is {share:.2f} times what copying {self.bytes_per_reading} bytes a "
            f"reading allows ({format_rate(self.limit_per_s)}): check the measurement"
        )


def bytes_per_reading(retain: int) -> int:
    """Bytes the job must move for a reading, read plus written.

    >>> bytes_per_reading(1000), bytes_per_reading(0)
    (36, 20)
    """
    return INPUT_BYTES + OUTPUT_BYTES + (RETAINED_BYTES if retain > 0 else 0)


def footprint_bytes(staged_readings: int, sensors: int, retain: int) -> int:
    """Bytes a cell works on: its staged readings with their values, the sensors' state, the history.

    Parameters
    ----------
    staged_readings
        All that are in memory and take their turn as input, not one batch of them.
    """
    staged = staged_readings * (INPUT_BYTES + OUTPUT_BYTES)
    return staged + sensors * SENSOR_BYTES + retain * RETAINED_BYTES


def roofline(staged_readings: int, sensors: int, retain: int, threads: int = 1) -> Roofline:
    """Return the limit of a cell, its bandwidth measured unless that was done in this process before."""
    footprint = footprint_bytes(staged_readings, sensors, retain)
    return Roofline(bytes_per_reading(retain), copy_bandwidths([(footprint, threads)])[0])


def copy_bandwidths(points: Iterable[_Point], cpus: Sequence[int] | None = None) -> list[CopyBandwidth]:
    """Measure the bandwidth of each point, a footprint in bytes and a number of threads, in their order.

    Takes about half a second for each new point, and a second to begin with: it is done in a process of its own. A
    footprint beyond all caches is cut to 512 MiB, since from there on nothing changes, or to what fits into memory.

    Parameters
    ----------
    cpus
        Where to measure, the first for one thread; by default all that this process may use.

    Raises
    ------
    MeasurementError
        If the process fails or does not end in time.
    """
    places = tuple(cpus if cpus is not None else allowed_cpus(Host())) or tuple(range(os.cpu_count() or 1))
    asked = [(_measurable_bytes(footprint), max(1, min(threads, len(places)))) for footprint, threads in points]
    missing = sorted({point for point in asked if (places, point) not in _measured})
    if missing:
        for found in _measure(missing, places):
            _measured[places, (found.footprint_bytes, found.threads)] = found
    return [_measured[places, point] for point in asked]


def curve(threads: int = 1, cpus: Sequence[int] | None = None) -> list[CopyBandwidth]:
    """Measure the bandwidth from the first cache to memory, a point every factor of four."""
    sizes = [4**power for power in range(7, 15)]
    return copy_bandwidths([(size, threads) for size in [*sizes, _MOST_BYTES]], cpus)


def at_footprint(points: Sequence[CopyBandwidth], footprint: int) -> CopyBandwidth:
    """The bandwidth at `footprint` between measured `points` of one number of threads, log-linearly; flat beyond.

    >>> points = [CopyBandwidth(1024, 1, 100e9, "loop"), CopyBandwidth(4096, 1, 25e9, "loop")]
    >>> round(at_footprint(points, 2048).bytes_per_s / 1e9)
    50
    """
    ordered = sorted(points, key=lambda point: point.footprint_bytes)
    sizes = [math.log(point.footprint_bytes) for point in ordered]
    rates = [math.log(point.bytes_per_s) for point in ordered]
    place = math.log(max(1, footprint))
    index = min(max(bisect.bisect_left(sizes, place), 1), len(sizes) - 1) if len(sizes) > 1 else 0
    if len(sizes) == 1 or place <= sizes[0] or place >= sizes[-1]:
        nearest = ordered[0] if place <= sizes[0] else ordered[-1]
        return replace(nearest, footprint_bytes=footprint)
    share = (place - sizes[index - 1]) / (sizes[index] - sizes[index - 1])
    rate = math.exp(rates[index - 1] + share * (rates[index] - rates[index - 1]))
    return CopyBandwidth(footprint, ordered[index].threads, rate, ordered[index].kernel)


_measured: dict[tuple[tuple[int, ...], _Point], CopyBandwidth] = {}


def _measurable_bytes(footprint: int) -> int:
    """What stands for `footprint`: three significant binary digits are enough, so that like cells share a point."""
    memory = read_memory(Host())
    room = min(size for size in (memory.available_bytes, memory.limit_bytes, 1 << 62) if size is not None)
    kept = max(_LEAST_BYTES, min(footprint, _MOST_BYTES, int(room * _MOST_MEMORY_SHARE)))
    grain = 1 << (kept.bit_length() - 4)
    return kept // grain * grain


def _measure(points: list[_Point], cpus: Sequence[int]) -> list[CopyBandwidth]:
    command = [
        sys.executable,
        "-m",
        "harness.measure.machine.roofline_kernels",
        json.dumps(points),
        json.dumps(list(cpus)),
    ]
    deadline_s = _DEADLINE_S + _DEADLINE_A_POINT_S * len(points)
    where = f"copying {', '.join(format_bytes(footprint) for footprint, _ in points)} to find the roofline"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=deadline_s, check=True, process_group=0)
        return [CopyBandwidth.from_dict(found) for found in json.loads(done.stdout)]
    except subprocess.TimeoutExpired:
        raise MeasurementError(
            f"{where} took more than {deadline_s:.0f} s; expected 1 s a size: stop other work"
        ) from None
    except (OSError, ValueError) as error:
        raise MeasurementError(f"{where} failed ({error}); expected to start a process and read its answer") from None
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        reason = said[-1] if said else f"exit code {error.returncode}"
        raise MeasurementError(
            f"{where} failed ({reason}); expected numba to work: 'sensorbench doctor' checks"
        ) from None
