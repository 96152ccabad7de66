"""How table and state lie on a device: images made and read with NumPy, the same for every kernel language."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.contract import Sensors, Statistics

SLOT_DTYPE = np.dtype([("id", "u4"), ("row", "u4"), ("gain", "f4"), ("offset", "f4")])
"""A slot of the hash table: all that calibrating needs, in one load of 16 bytes. The row S marks a free slot."""

STATE_DTYPE = np.dtype([("sum", "f8"), ("count", "u8"), ("last", "u8"), ("minimum", "i4"), ("maximum", "i4")])
"""The state of a sensor in 32 bytes: one sector of the device's cache.

`minimum` and `maximum` are floats as whole numbers of the same order; `last` holds the number of the reading in its
window in the upper half, counted from 1, and the value's bits in the lower: the greatest of them is the last one.
"""

UNMATCHED, INVALID, ACCEPTED = range(3)
"""Places in the counters. From ACCEPTED on lie two: accepted since the start, before a piece and after it."""
COUNTERS = 4

MOST_IN_WINDOW = 2**32 - 1
"""The greatest number that `last` can hold; before it, numbers begin again."""

NO_MINIMUM = 0x7FFFFFFF
NO_MAXIMUM = -0x80000000
_LOW = np.uint64(0xFFFFFFFF)
_ONE_UP = np.uint64(1 << 32)


@dataclass(frozen=True, slots=True, eq=False)
class TableImage:
    """The hash table of :mod:`implementations.kernels.hashing` with calibrations in its slots.

    Id i lies at or behind place ``(i * multiplier mod 2**32) >> shift`` of ``mask + 1``.
    """

    slots: NDArray[np.void]
    multiplier: int
    shift: int
    longest_probe: int

    @property
    def mask(self) -> int:
        """Places less one, a power of two less one."""
        return len(self.slots) - 1


def table_image(sensors: Sensors) -> TableImage:
    """Build it: O(S), 32 to 64 bytes a sensor."""
    from implementations.kernels import hashing

    bits = hashing.bits_for(len(sensors))
    packed = np.empty(1 << bits, np.uint64)
    multiplier, longest = hashing.build(sensors.id, packed)
    slots = np.zeros(len(packed), SLOT_DTYPE)
    row = slots["row"] = (packed & _LOW).astype(np.uint32)
    used = row < len(sensors)
    slots["id"][used] = (packed[used] >> np.uint64(32)).astype(np.uint32)
    slots["gain"][used], slots["offset"][used] = sensors.gain[row[used]], sensors.offset[row[used]]
    return TableImage(slots, int(multiplier), 32 - bits, longest)


def fresh_state(sensors: int) -> NDArray[np.void]:
    """The state of a window without readings; one row more than none, since a device holds no empty array."""
    state = np.zeros(max(sensors, 1), STATE_DTYPE)
    state["minimum"], state["maximum"] = NO_MINIMUM, NO_MAXIMUM
    return state


def begun_again(state: NDArray[np.void]) -> NDArray[np.void]:
    """A copy in which every last reading has the number 1, so that the numbers of a long window fit again."""
    copy = state.copy()
    last = copy["last"]
    copy["last"] = np.where(last > 0, (last & _LOW) | _ONE_UP, last)
    return copy


def statistics_of(state: NDArray[np.void], unmatched: int, invalid: int) -> Statistics:
    """The statistics behind `state`: new arrays."""
    from implementations.kernels.device_state import unpack

    sensors = len(state)
    count, total = np.empty(sensors, np.int64), np.empty(sensors, np.float64)
    minimum, maximum, last = (np.empty(sensors, np.float32) for _ in range(3))
    words, sums = (state.view(kind).reshape(sensors, 4) for kind in (np.uint64, np.float64))
    halves = state.view(np.int32).reshape(sensors, 8)
    unpack(words, sums, halves, count, total, minimum, maximum, last)
    return Statistics(count, total, minimum, maximum, last, unmatched, invalid)
