"""Stalls: how long this machine leaves a loop that does nothing but look at the clock.

What such a loop sees, no implementation is to blame for: interrupts, other processes, the hypervisor. It belongs
beside every latency, from the same minutes.
"""

import math
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import MeasurementError

THRESHOLD_NS = 10_000
"""A gap counts as a stall from 10 microseconds on: a hundred looks at the clock and more."""

_CAPACITY = 1 << 16
_FOREVER_NS = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Stalls:
    """What an idle loop saw.

    Parameters
    ----------
    watched_ns
        How long it looked.
    looks
        How often it looked at the clock.
    threshold_ns
        Gaps up to this long are not stalls.
    starts_ns, gaps_ns : int64[n]
        When each stall began (CLOCK_MONOTONIC) and how long it was, in order of time.
    found
        Stalls in all; more than n where there were too many to keep.
    longest_ns
        Of all stalls; 0 without one.
    """

    watched_ns: int
    looks: int
    threshold_ns: int
    starts_ns: NDArray[np.int64]
    gaps_ns: NDArray[np.int64]
    found: int
    longest_ns: int

    @property
    def stalled_share(self) -> float:
        """Part of the time spent in stalls."""
        return float(self.gaps_ns.sum()) / self.watched_ns if self.watched_ns else 0.0

    def delay_ns(self, quantile: float) -> float:
        """The delay that this share of arrivals, spread evenly over time, stays within; at least the threshold.

        An arrival in the middle of a stall waits for the rest of it: the part of time whose rest is above d is the
        sum of max(0, gap - d) over the watched time. Long stalls so count by their length, not by their number.
        """
        if not 0 <= quantile <= 1:
            raise MeasurementError(f"quantile {quantile}; expected one from 0 to 1")
        allowed_ns = (1 - quantile) * self.watched_ns
        gaps = np.sort(self.gaps_ns)[::-1].astype(np.float64)
        if not len(gaps):
            return float(self.threshold_ns)
        sums = np.cumsum(gaps)
        ranks = np.arange(1, len(gaps) + 1)
        beyond = sums - ranks * gaps  # excess over the rank-th longest gap; not falling
        rank = int(np.searchsorted(beyond, allowed_ns, side="right"))
        return max(float(self.threshold_ns), float(sums[rank - 1] - allowed_ns) / rank)

    def histogram(self) -> list[tuple[int, int]]:
        """Count of stalls by length: (upper edge in ns, count), edges doubling from the threshold."""
        if not len(self.gaps_ns):
            return []
        steps = max(1, math.ceil(math.log2(self.longest_ns / self.threshold_ns)))
        edges = self.threshold_ns * 2 ** np.arange(steps + 1)
        counts, _ = np.histogram(np.minimum(self.gaps_ns, edges[-1]), edges)
        return [(int(edge), int(count)) for edge, count in zip(edges[1:], counts, strict=True)]

    def as_dict(self) -> dict[str, Any]:
        """As plain data that JSON can hold, without the single stalls."""
        return {
            "watched_s": self.watched_ns / 1e9,
            "looks": self.looks,
            "threshold_s": self.threshold_ns / 1e9,
            "count": self.found,
            "longest_s": self.longest_ns / 1e9 if self.found else None,
            "p999_s": self.delay_ns(0.999) / 1e9,
            "stalled_share": self.stalled_share,
            "histogram": [[edge / 1e9, count] for edge, count in self.histogram()],
        }

    @classmethod
    def joined(cls, parts: Sequence["Stalls"]) -> Self:
        """Several watches as one; at least one."""
        if not parts or len({part.threshold_ns for part in parts}) > 1:
            raise MeasurementError(f"{len(parts)} watches cannot be joined; expected some of one threshold")
        return cls(
            watched_ns=sum(part.watched_ns for part in parts),
            looks=sum(part.looks for part in parts),
            threshold_ns=parts[0].threshold_ns,
            starts_ns=np.concatenate([part.starts_ns for part in parts]),
            gaps_ns=np.concatenate([part.gaps_ns for part in parts]),
            found=sum(part.found for part in parts),
            longest_ns=max(part.longest_ns for part in parts),
        )


class StallWatch:
    """Watch from a thread of this process, without the interpreter's lock, until left: a context manager.

    The loop keeps one CPU busy: give it one that nothing measured runs on.

    Parameters
    ----------
    cpu
        Where it runs; anywhere by default.
    seconds
        It ends by itself after this long; by default only when left.

    Attributes
    ----------
    stalls : Stalls or None
        What it saw, once left.
    """

    def __init__(self, cpu: int | None = None, seconds: float | None = None, threshold_ns: int = THRESHOLD_NS) -> None:
        self.stalls: Stalls | None = None
        self._cpu = cpu
        self._seconds = seconds
        self._threshold_ns = threshold_ns
        self._stop = np.zeros(1, np.int64)
        self._starts_ns = np.zeros(_CAPACITY, np.int64)
        self._gaps_ns = np.zeros(_CAPACITY, np.int64)
        self._summary = np.zeros(5, np.int64)
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._run(until_ns=0)  # compiles
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop[0] = 1
        self._thread.join()
        self.stalls = self._seen()

    def wait(self) -> None:
        """Wait until the set seconds are over; raises MeasurementError if none were set."""
        if self._seconds is None:
            raise MeasurementError("waiting for a watch without end; expected 'seconds' to be set")
        self._thread.join()

    def _watch(self) -> None:
        if self._cpu is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {self._cpu})
        self._run(_FOREVER_NS if self._seconds is None else time.monotonic_ns() + int(self._seconds * 1e9))

    def _run(self, until_ns: int) -> None:
        from harness.measure.machine.stalls_kernels import idle

        idle(until_ns, self._threshold_ns, self._stop, self._starts_ns, self._gaps_ns, self._summary)

    def _seen(self) -> Stalls:
        looks, found, longest_ns, first_ns, last_ns = (int(value) for value in self._summary)
        kept = min(found, _CAPACITY)
        return Stalls(
            watched_ns=last_ns - first_ns,
            looks=looks,
            threshold_ns=self._threshold_ns,
            starts_ns=self._starts_ns[:kept].copy(),
            gaps_ns=self._gaps_ns[:kept].copy(),
            found=found,
            longest_ns=longest_ns,
        )


def watch_stalls(seconds: float, cpu: int | None = None, threshold_ns: int = THRESHOLD_NS) -> Stalls:
    """Watch for `seconds` and say what was seen."""
    with StallWatch(cpu, seconds, threshold_ns) as watch:
        watch.wait()
    assert watch.stalls is not None
    return watch.stalls
