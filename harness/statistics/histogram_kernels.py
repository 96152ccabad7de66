"""Compiled recording into the counters of a histogram; imported only where something is recorded."""

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from harness.statistics.buckets import BUCKETS, EARLY, EXPONENT_OFFSET, FRACTION_SHIFT, LARGEST, PARTS, SMALLEST

_LAST = BUCKETS - 1


@intrinsic
def _bits_of(typing_context, value):  # type: ignore[no-untyped-def]
    """The 64 bits of a float64 as an int64."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _bucket_of(value: int) -> int:
    if value < PARTS:
        return value
    bucket: int = min((_bits_of(np.float64(value)) >> FRACTION_SHIFT) - EXPONENT_OFFSET, _LAST)
    return bucket


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def record(counters: NDArray[np.int64], times_ns: NDArray[np.int64], sign: int, done_ns: int) -> None:
    """Count ``done_ns + sign * time`` for every time; below zero as zero, and as early.

    The extremes stay in registers through the loop: in `counters` they could alias a bucket.
    """
    smallest, largest, early = counters[SMALLEST], counters[LARGEST], counters[EARLY]
    for time_ns in times_ns:
        latency_ns = done_ns + sign * time_ns
        early += latency_ns < 0
        latency_ns = max(latency_ns, 0)
        smallest = min(smallest, latency_ns)
        largest = max(largest, latency_ns)
        counters[_bucket_of(latency_ns)] += 1
    counters[SMALLEST], counters[LARGEST], counters[EARLY] = smallest, largest, early
