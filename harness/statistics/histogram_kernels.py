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
def _lowest_of(bucket: int) -> int:
    if bucket < 2 * PARTS:
        return bucket
    shift = bucket // PARTS - 1
    return (bucket - shift * PARTS) << shift


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _early(times_ns: NDArray[np.int64], first: int, done_ns: int) -> int:
    """How many times from `first` on are later than `done_ns`."""
    later = 0
    for place in range(first, len(times_ns)):
        later += times_ns[place] > done_ns
    return later


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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def record_sorted(counters: NDArray[np.int64], times_ns: NDArray[np.int64], done_ns: int) -> None:
    """Count ``done_ns - time`` for times that never decrease: all that fall into one bucket at once.

    O(log n) a bucket, by doubling steps, so that a long batch costs hardly more than the buckets it spreads over.
    """
    length = len(times_ns)
    if length == 0:
        return
    first = 0
    while first < length:
        latency_ns = done_ns - times_ns[first]
        if latency_ns <= 0:
            counters[EARLY] += (length - first) if latency_ns < 0 else _early(times_ns, first, done_ns)
            counters[0] += length - first
            break
        bucket = _bucket_of(latency_ns)
        latest_ns = done_ns - _lowest_of(bucket)
        end = first + 1
        step = 1
        while end < length and times_ns[end] <= latest_ns:
            first_in = end
            end = min(length, end + step)
            step *= 2
            if end == length or times_ns[end] > latest_ns:
                low, high = first_in + 1, end
                while low < high:
                    middle = (low + high) >> 1
                    if times_ns[middle] <= latest_ns:
                        low = middle + 1
                    else:
                        high = middle
                end = low
                break
        counters[bucket] += end - first
        first = end
    largest_ns = max(done_ns - times_ns[0], 0)
    smallest_ns = max(done_ns - times_ns[length - 1], 0)
    counters[SMALLEST] = min(counters[SMALLEST], smallest_ns)
    counters[LARGEST] = max(counters[LARGEST], largest_ns)
