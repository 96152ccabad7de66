"""A perfect hash of sensor ids in two levels: no collision, so no probing and no branch.

The product ``h`` of an id and an odd seed (a bijection, so that different ids stay different) names a bucket by its
upper bits, which spreads ids in any arithmetic progression evenly. The bucket's own odd factor ``f`` gives the slot
``((h ^ h >> 16) * f mod 2**32) * slots >> 32``; without the upper bits in the lower ones, ids that end on the same bits
would reach few slots. A factor is kept as 16 bits, which a constant makes 32 of: few enough bytes for the buckets of
many sensors to stay in the caches. The builder takes the buckets from the fullest to the emptiest and tries factors
until every id of the bucket falls on a free slot (hash and displace: Fox, Heath, Chen and Daoud 1992; Pibiri and Trani
2021). Even buckets leave no small ones for the end, which is why a seventh of the slots stays free.

Time O(S) expected, memory 0.4 to 0.8 bytes a sensor beside the slots. Ids that crowd one bucket under one seed are
spread by the next; should every seed fail, the builder says so and the caller takes another kind of table.
"""

import numpy as np
from numba import boolean, njit, uint16, uint32
from numba.types import Array

SLOTS_PER_ID = 1.15
IDS_PER_BUCKET = 5
MOST_IDS_IN_A_BUCKET = 40
TRIALS = 1 << 15
WIDENING_FACTOR = 0x9E3779B1
_STRIDE = 0x6A6D


def bucket_bits(sensors: int) -> int:
    """Binary logarithm of the number of buckets; at least 1, so that a shift by 32 never occurs."""
    return max(1, (max(1, sensors // IDS_PER_BUCKET) - 1).bit_length())


def slots_for(sensors: int) -> int:
    """The number of slots; always more than there are ids."""
    return int(sensors * SLOTS_PER_ID) + 8


@njit(inline="always")
def spread(sensor_id, seed):  # type: ignore[no-untyped-def]
    """Spread an id over 32 bits; a bijection for every odd seed."""
    return np.uint32(np.uint32(sensor_id) * np.uint32(seed))


@njit(inline="always")
def _half_factor(trial):  # type: ignore[no-untyped-def]
    """The odd 16-bit number of a trial: all TRIALS different, neighbours far apart."""
    return np.uint16(((trial * _STRIDE) & (TRIALS - 1)) << 1 | 1)


@njit(inline="always")
def factor_of(half):  # type: ignore[no-untyped-def]
    """The factor that is kept as `half`: 32 bits, so that all bits of a product count."""
    return np.uint32(np.uint32(half) * np.uint32(WIDENING_FACTOR))


@njit(inline="always")
def _slot(product, factor, slots):  # type: ignore[no-untyped-def]
    folded = np.uint32(product ^ (product >> np.uint32(16)))
    return np.int64((np.uint64(np.uint32(folded * factor)) * np.uint64(slots)) >> np.uint64(32))


_OWN_U16, _OWN_U32 = Array(uint16, 1, "C"), Array(uint32, 1, "C")


@njit(
    [boolean(Array(uint32, 1, "A", readonly=True), uint32, _OWN_U16, uint32, _OWN_U32)],
    cache=True,
    nogil=True,
)
def build(sensor_id, seed, halves, slots, slot_of):  # type: ignore[no-untyped-def]
    """Fill `halves` (a power of two of them) and `slot_of` (of each row, below `slots`); False for a bad seed."""
    sensors = len(sensor_id)
    buckets = len(halves)
    shift = np.uint32(32)
    while (np.int64(1) << (np.int64(32) - np.int64(shift))) < buckets:
        shift = np.uint32(shift - np.uint32(1))
    starts = np.zeros(buckets + 1, np.int64)
    for row in range(sensors):
        starts[np.int64(spread(sensor_id[row], seed) >> shift) + 1] += 1
    by_size = np.zeros(MOST_IDS_IN_A_BUCKET + 2, np.int64)
    for bucket in range(buckets):
        size = starts[bucket + 1]
        if size > MOST_IDS_IN_A_BUCKET:
            return False
        by_size[MOST_IDS_IN_A_BUCKET - size + 1] += 1
        starts[bucket + 1] += starts[bucket]
    for size in range(MOST_IDS_IN_A_BUCKET + 1):
        by_size[size + 1] += by_size[size]
    fullest_first = np.empty(buckets, np.int64)
    for bucket in range(buckets):
        size = starts[bucket + 1] - starts[bucket]
        fullest_first[by_size[MOST_IDS_IN_A_BUCKET - size]] = bucket
        by_size[MOST_IDS_IN_A_BUCKET - size] += 1
    rows = np.empty(sensors, np.uint32)
    filled = starts[:-1].copy()
    for row in range(sensors):
        home = np.int64(spread(sensor_id[row], seed) >> shift)
        rows[filled[home]] = row
        filled[home] += 1
    taken = np.zeros(slots, np.bool_)
    chosen = np.empty(MOST_IDS_IN_A_BUCKET, np.int64)
    products = np.empty(MOST_IDS_IN_A_BUCKET, np.uint32)
    for order in range(buckets):
        bucket = fullest_first[order]
        first = starts[bucket]
        size = starts[bucket + 1] - first
        for position in range(size):
            products[position] = spread(sensor_id[rows[first + position]], seed)
        placed = False
        for trial in range(TRIALS):
            half = _half_factor(trial)
            factor = factor_of(half)
            entered = 0
            while entered < size:
                slot = _slot(products[entered], factor, slots)
                if taken[slot]:
                    break
                taken[slot] = True
                chosen[entered] = slot
                entered += 1
            if entered == size:
                halves[bucket] = half
                placed = True
                break
            for position in range(entered):
                taken[chosen[position]] = False
        if not placed:
            return False
        for position in range(size):
            slot_of[rows[first + position]] = chosen[position]
    return True
