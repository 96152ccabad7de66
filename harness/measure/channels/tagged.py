"""Readings that tell by themselves which they are: what a channel is given, so that nothing it does goes unseen.

The time of a reading is its index put through a bijection of 64 bits, its id and value follow from that. A reading
that comes out so shows its index, and one that was put together of two shows that it is none.
"""

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Readings

_MASK = (1 << 64) - 1
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LOW = np.uint64(0xFFFFFFFF)
_FINITE = np.uint32(0xBFFFFFFF)
"""Without this bit of its exponent every float32 is finite, so that a channel may carry it as a number."""


def tagged(seed: int, first: int, end: int) -> Readings:
    """The readings from index `first` to `end` of the endless stream of `seed`: any id, any time, any finite value."""
    return Readings.of_records(tagged_records(seed, first, end))


def tagged_records(seed: int, first: int, end: int) -> NDArray[np.void]:
    """The same as 16-byte records, writable."""
    records = np.empty(end - first, RECORD_DTYPE)
    time = _mixed(np.arange(first, end, dtype=np.uint64) + np.uint64(seed & _MASK))
    sensor_id, value = _rest_of(time)
    records["time"], records["sensor_id"], records["value"] = time.view(np.int64), sensor_id, value
    return records


def indexes(seed: int, readings: Readings) -> NDArray[np.int64]:
    """Which index each reading shows; -1 for one that is no reading of `seed`, its id, time and value not belonging."""
    time = np.ascontiguousarray(readings.time).view(np.uint64)
    sensor_id, value = _rest_of(time)
    index = (_unmixed(time) - np.uint64(seed & _MASK)).view(np.int64)
    belongs = (sensor_id == readings.sensor_id) & (
        value.view(np.uint32) == np.ascontiguousarray(readings.value).view(np.uint32)
    )
    return np.where(belongs & (index >= 0), index, -1)


def _rest_of(time: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """Id and value that belong to a time."""
    mixed = _mixed(time + _GOLDEN)
    value = (mixed >> np.uint64(32)).astype(np.uint32) & _FINITE
    return (mixed & _LOW).astype(np.uint32), value.view(np.float32)


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each word mixed by the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a bijection."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(_FIRST)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(_SECOND)
    return words ^ (words >> np.uint64(31))


def _unmixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The words that `_mixed` has made these of."""
    words = _unshifted(words, 31) * np.uint64(pow(_SECOND, -1, 1 << 64))
    words = _unshifted(words, 27) * np.uint64(pow(_FIRST, -1, 1 << 64))
    return _unshifted(words, 30)


def _unshifted(words: NDArray[np.uint64], shift: int) -> NDArray[np.uint64]:
    """What ``x ^ (x >> shift)`` was made of: each round makes `shift` more bits right."""
    found = words
    for _ in range(64 // shift):
        found = words ^ (found >> np.uint64(shift))
    return found
