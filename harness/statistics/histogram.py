"""A latency histogram in nanoseconds: logarithmic buckets of at most 1%, exact count, minimum and maximum.

>>> histogram = Histogram()
>>> histogram.record(np.array([100, 200, 300, 1_000_000], np.int64))
>>> histogram.count, histogram.percentile(50), histogram.percentile(100)
(4, 200, 1000000)
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import MeasurementError, StoreError
from harness.statistics.buckets import BUCKETS, COUNTERS, EARLY, LARGEST, PART_BITS, SMALLEST, highest_of

LEAST_FOR_P999 = 10_000
"""From fewer values no 99.9th percentile is quoted."""

_NO_SMALLEST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Percentiles:
    """What a report quotes of a histogram; None where there are no values, or too few."""

    count: int
    p50_ns: int | None
    p99_ns: int | None
    p999_ns: int | None
    max_ns: int | None


class Histogram:
    """Counts latencies; memory 57 KiB, recording O(1) a value in compiled code.

    A percentile is the highest value of the bucket in which it falls, and never above the exact maximum: it is at
    most 1/128 too high and never too low. A latency below zero (handed back before it was to arrive) counts as 0
    and in `early`.
    """

    def __init__(self) -> None:
        self._counters = np.zeros(COUNTERS, np.int64)
        self._counters[SMALLEST], self._counters[LARGEST] = _NO_SMALLEST, -1
        self._counts = self._counters[:BUCKETS]
        self._kernel: Callable[..., None] | None = None
        self._sorted_kernel: Callable[..., None] | None = None

    def record(self, latencies_ns: NDArray[np.int64]) -> None:
        """Count every latency."""
        (self._kernel or self._compiled())(self._counters, _int64(latencies_ns), 1, 0)

    def record_done(self, arrivals_ns: NDArray[np.int64], done_ns: int) -> None:
        """Count ``done_ns - arrival`` for readings that were handed back together."""
        (self._kernel or self._compiled())(self._counters, _int64(arrivals_ns), -1, done_ns)

    def record_sorted(self, arrivals_ns: NDArray[np.int64], done_ns: int) -> None:
        """Count ``done_ns - arrival`` for arrivals that never decrease: as `record_done`, but O(log n) a bucket."""
        if self._sorted_kernel is None:
            from harness.statistics.histogram_kernels import record_sorted

            self._sorted_kernel = record_sorted
        self._sorted_kernel(self._counters, arrivals_ns, done_ns)

    def _compiled(self) -> Callable[..., None]:
        from harness.statistics.histogram_kernels import record

        self._kernel = record
        return record  # type: ignore[no-any-return]

    @property
    def count(self) -> int:
        """How many latencies were counted."""
        return int(self._counts.sum())

    @property
    def min_ns(self) -> int | None:
        """The lowest latency, exactly; None without any."""
        return int(self._counters[SMALLEST]) if self._counters[LARGEST] >= 0 else None

    @property
    def max_ns(self) -> int | None:
        """The highest latency, exactly; None without any."""
        return int(self._counters[LARGEST]) if self._counters[LARGEST] >= 0 else None

    @property
    def early(self) -> int:
        """How many latencies were below zero."""
        return int(self._counters[EARLY])

    def percentile(self, percent: float) -> int | None:
        """The latency that `percent` of all do not exceed, by nearest rank; None without any.

        Raises
        ------
        MeasurementError
            If `percent` is not within 0 to 100.
        """
        if not 0 <= percent <= 100:
            raise MeasurementError(f"percentile {percent}; expected 0 to 100")
        highest = self.max_ns
        if highest is None:
            return None
        rank = max(1, math.ceil(Fraction(str(percent)) / 100 * self.count))
        bucket = np.searchsorted(np.cumsum(self._counts), rank)
        return min(int(highest_of(np.asarray(bucket))), highest)

    def percentiles(self) -> Percentiles:
        """The figures a report quotes; p99.9 only from 10,000 latencies on."""
        count = self.count
        tail = self.percentile(99.9) if count >= LEAST_FOR_P999 else None
        return Percentiles(count, self.percentile(50), self.percentile(99), tail, self.max_ns)

    def above(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each bucket in use its highest latency in ns, and how many latencies lie in higher buckets."""
        used = np.flatnonzero(self._counts)
        return highest_of(used), self.count - np.cumsum(self._counts[used])

    @classmethod
    def merged(cls, histograms: Iterable["Histogram"]) -> Self:
        """One histogram of everything that `histograms` counted."""
        total = cls()
        for histogram in histograms:
            smallest = min(total._counters[SMALLEST], histogram._counters[SMALLEST])
            largest = max(total._counters[LARGEST], histogram._counters[LARGEST])
            total._counters += histogram._counters
            total._counters[SMALLEST], total._counters[LARGEST] = smallest, largest
        return total

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values; only buckets in use."""
        used = np.flatnonzero(self._counts)
        return {
            "part_bits": PART_BITS,
            "buckets": used.tolist(),
            "counts": self._counts[used].tolist(),
            "min_ns": self.min_ns,
            "max_ns": self.max_ns,
            "early": self.early,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The histogram that `to_json` wrote.

        Raises
        ------
        StoreError
            If a part is missing or impossible.
        """
        histogram = cls()
        try:
            if values["part_bits"] != PART_BITS:
                raise StoreError(f"a histogram of {values['part_bits']} bits a part; expected {PART_BITS}")
            used, counts = np.array(values["buckets"], np.int64), np.array(values["counts"], np.int64)
            if np.any(used < 0) or np.any(counts <= 0) or np.any(np.diff(used) <= 0):
                raise StoreError("a histogram with impossible buckets; the stored result is damaged")
            histogram._counts[used] = counts
            if len(used):
                histogram._counters[BUCKETS:] = values["min_ns"], values["max_ns"], values["early"]
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise StoreError(f"a histogram that cannot be read ({error!r}); the stored result is damaged") from error
        return histogram

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return np.array_equal(self._counters, other._counters)

    __hash__ = None  # type: ignore[assignment]


def recording_cost_ns(values: int = 100_000, batch: int = 1_000) -> float:
    """Nanoseconds a value that recording arrivals in order takes here: the median over batches, compiled before."""
    arrivals_ns = np.sort(np.random.default_rng(0).integers(0, 10_000_000, batch))
    histogram = Histogram()
    histogram.record_sorted(arrivals_ns, 10_000_000)
    costs = []
    for turn in range(max(1, values // batch)):
        begin_ns = time.perf_counter_ns()
        histogram.record_sorted(arrivals_ns, 10_000_000 + turn * 1_000)
        costs.append((time.perf_counter_ns() - begin_ns) / batch)
    return float(np.median(costs))


def warm_up() -> None:
    """Compile, or load from the cache, what recording needs, so that no timed call has to."""
    histogram = Histogram()
    histogram.record(np.zeros(1, np.int64))
    histogram.record_done(np.zeros(1, np.int64), 1)
    histogram.record_sorted(np.zeros(1, np.int64), 1)


def _int64(values_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    if values_ns.dtype != np.int64 or values_ns.ndim != 1:
        raise MeasurementError(
            f"latencies as {values_ns.dtype} of shape {values_ns.shape}; expected a row of int64 in ns"
        )
    return values_ns
