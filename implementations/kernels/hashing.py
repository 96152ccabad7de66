"""An open-addressed hash table from sensor id to row: build and search.

A slot is one uint64, the id in its upper half and the row in its lower; the row S marks a free slot. A search
that ends on a free slot is therefore its own answer: S, the reject row. Id i lies at or behind place
``(i * multiplier mod 2**32) >> (32 - bits)`` (Fibonacci hashing, Knuth vol. 3, section 6.4).
"""

import numpy as np
from numba import njit, types, uint32, uint64, void
from numpy.typing import NDArray

from implementations.kernels.signatures import given, own

_MULTIPLIERS = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1, 0xCC9E2D51, 0x1B873593, 0xE6546B65)
_GOOD_PROBE = 40


def bits_for(sensors: int) -> int:
    """Binary logarithm of the number of slots: the table at most half full, never without a free slot."""
    return max(1, (2 * sensors - 1).bit_length()) if sensors else 1


def build(sensor_id: NDArray[np.uint32], slots: NDArray[np.uint64]) -> tuple[np.uint32, int]:
    """Fill `slots` and return the multiplier and the longest probe; the first good multiplier wins, else the best."""
    best = (len(slots) + 1, np.uint32(_MULTIPLIERS[0]))
    for candidate in _MULTIPLIERS:
        multiplier = np.uint32(candidate)
        longest = int(fill(sensor_id, slots, multiplier))
        if longest <= _GOOD_PROBE:
            return multiplier, longest
        best = min(best, (longest, multiplier))
    fill(sensor_id, slots, best[1])
    return best[1], best[0]


@njit(cache=True, inline="always")
def _shift_for(places):  # type: ignore[no-untyped-def]
    """How far a 32-bit product moves right to become one of `places`, a power of two."""
    shift = np.uint64(32)
    while places > 1:
        places >>= 1
        shift -= np.uint64(1)
    return shift


@njit([types.intp(given(uint32), own(uint64), uint32)], cache=True)
def fill(sensor_id, slots, multiplier):  # type: ignore[no-untyped-def]
    """Enter every id; return the longest probe."""
    mask = np.uint64(len(slots) - 1)
    shift = _shift_for(len(slots))
    free = np.uint64(len(sensor_id))
    for place in range(len(slots)):
        slots[place] = free
    longest = 0
    for row in range(len(sensor_id)):
        home = np.uint64(np.uint32(sensor_id[row] * multiplier)) >> shift
        probe = 1
        while (slots[home] & np.uint64(0xFFFFFFFF)) != free:
            home = (home + np.uint64(1)) & mask
            probe += 1
        slots[home] = (np.uint64(sensor_id[row]) << np.uint64(32)) | np.uint64(row)
        longest = max(longest, probe)
    return longest


@njit([void(given(uint32), own(uint64), uint32, uint64, own(types.intp))], cache=True)
def search(sensor_id, slots, multiplier, free, rows):  # type: ignore[no-untyped-def]
    """Fill `rows` with the row of each id, and with `free` (S) where there is none."""
    mask = np.uint64(len(slots) - 1)
    low = np.uint64(0xFFFFFFFF)
    shift = _shift_for(len(slots))
    for position in range(len(sensor_id)):
        wanted = sensor_id[position]
        place = np.uint64(np.uint32(wanted * multiplier)) >> shift
        slot = slots[place]
        while np.uint32(slot >> np.uint64(32)) != wanted and (slot & low) != free:
            place = (place + np.uint64(1)) & mask
            slot = slots[place]
        rows[position] = np.intp(slot & low)
