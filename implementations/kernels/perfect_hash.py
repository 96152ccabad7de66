"""A perfect hash of sensor ids in two levels: no collision, so no probing and no branch.

The product ``h`` of an id and an odd seed (a bijection, so that different ids stay different) names a bucket by its
upper bits, which spreads ids in any arithmetic progression evenly. Each bucket has an odd factor ``f`` of 16 bits, and
the two signed halves of ``h`` are multiplied by ``f`` and by ``f`` with its bytes exchanged: processors do that, and
add up the products, in one step. The upper bits of a sum of products are unevenly spread, those below are not, so the
sum is turned left by TURN bits; the slot is its share of all slots: of its upper 16 bits in a short table, where that
is one step again, of all 32 in another. So few bytes a bucket let the factors of many sensors stay in the caches.

Where the lower bits of all ids are the same, products differ in few bits; such ids are turned beforehand, so that the
bits that vary come first.

The builder takes the buckets from the fullest to the emptiest and tries factors until every id of the bucket falls on
a free slot (hash and displace: Fox, Heath, Chen and Daoud 1992; Pibiri and Trani 2021). Even buckets leave no small
ones for the end, which is why a seventh of the slots stays free.

Time O(S) expected, memory 0.4 to 0.8 bytes a sensor beside the slots. Ids that crowd one bucket under one seed are
spread by the next; should every seed fail, the builder says so and the caller takes another kind of table.
"""

import numpy as np
from numba import boolean, njit, uint16, uint32
from numba.types import Array
from numpy.typing import NDArray

SLOTS_PER_ID = 1.15
IDS_PER_BUCKET = 5
MOST_IDS_IN_A_BUCKET = 40
TRIALS = 1 << 15
TURN = 5
SHORT_SLOTS = 1 << 16
"""Slots below which a table is short."""
_LEAST_TURN = 8
_STRIDE = 0x6A6D


def bucket_bits(sensors: int) -> int:
    """Binary logarithm of the number of buckets; at least 1, so that a shift by 32 never occurs."""
    return max(1, (max(1, sensors // IDS_PER_BUCKET) - 1).bit_length())


def slots_for(sensors: int) -> int:
    """The number of slots; always more than there are ids."""
    return int(sensors * SLOTS_PER_ID) + 8


def id_turn(ids: NDArray[np.uint32]) -> int:
    """By how many bits to turn ids right: by those lower ones that are the same in all, if they are many."""
    varying = int(np.bitwise_or.reduce(ids ^ ids[:1], initial=0))
    same = (varying & -varying).bit_length() - 1 if varying else 0
    return same if same >= _LEAST_TURN else 0


def turned_right(ids: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    """Each id with its lower bits, as many as `bits` says, moved to the upper end.

    >>> turned_right(np.array([0x1234], np.uint32), 8).item() == 0x34000012
    True
    """
    return ids >> np.uint32(bits) | ids << np.uint32(32 - bits) if bits else ids


@njit(inline="always")
def spread(sensor_id, seed):  # type: ignore[no-untyped-def]
    """Spread an id over 32 bits; a bijection for every odd seed."""
    return np.uint32(np.uint32(sensor_id) * np.uint32(seed))


@njit(inline="always")
def _half_factor(trial):  # type: ignore[no-untyped-def]
    """The odd 16-bit number of a trial: all TRIALS different, neighbours far apart."""
    return np.uint16(((trial * _STRIDE) & (TRIALS - 1)) << 1 | 1)


@njit(inline="always")
def _signed_product(left, right):  # type: ignore[no-untyped-def]
    return np.int64(np.int16(np.uint16(left))) * np.int64(np.int16(np.uint16(right)))


@njit(inline="always")
def _slot(product, half, slots):  # type: ignore[no-untyped-def]
    exchanged = np.uint16(half << np.uint32(8) | half >> np.uint32(8))
    total = np.uint32(_signed_product(product, half) + _signed_product(product >> np.uint32(16), exchanged))
    turned = np.uint32(total << np.uint32(TURN) | total >> np.uint32(32 - TURN))
    if slots < SHORT_SLOTS:
        return (np.int64(turned >> np.uint32(16)) * np.int64(slots)) >> 16
    return np.int64((np.uint64(turned) * np.uint64(slots)) >> np.uint64(32))


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
            entered = 0
            while entered < size:
                slot = _slot(products[entered], half, slots)
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
