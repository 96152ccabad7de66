"""The job on a CUDA device in three kernels a piece, written in Python: work, rank, retain.

`work` finds each reading's sensor, checks, calibrates and aggregates; `rank` turns the blocks' counts of accepted
readings into how many come before each block; `retain` writes them to the history in arrival order. Layouts are those
of :mod:`implementations.parts.device_layout`, given as flat arrays of one type. Only the order of the float64 sums is
left to the device. Arithmetic is IEEE, subnormals included; multiply and add may be fused.
"""

import numpy as np
from numba import config, cuda, int64

from harness.contract import MAX_VALUE

config.CUDA_LOW_OCCUPANCY_WARNINGS = 0
"""`rank` is one block on purpose, and small batches are few: a warning each would be on the clock."""

THREADS = 4 if config.ENABLE_CUDASIM else 256
"""Threads a block; the simulator makes each one a thread of the system."""

_UNMATCHED, _INVALID, _ACCEPTED = range(3)  # device_layout: places in the counters
_MAGNITUDE = np.int32(0x7FFFFFFF)
_MAX_VALUE = np.float32(MAX_VALUE)
_NAN = np.float32(np.nan)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ONE = np.uint64(1)


@cuda.jit
def work(  # type: ignore[no-untyped-def]
    ids, values, length, number, slots, calibrations, multiplier, shift, mask, sensors,
    calibrated, accepted, counters, sums, words, halves,
):  # fmt: skip
    """Do everything but retain; leave how many readings each block accepted in `accepted`.

    `slots` and `calibrations` are the table as uint32[4 * slots] and float32[4 * slots]; `sums`, `words` and `halves`
    the state as float64, uint64 (4 a sensor each) and int32 (8 a sensor).
    """
    at = cuda.grid(1)
    is_unmatched = False
    is_invalid = False
    is_accepted = False
    if at < length:
        wanted = ids[at]
        place = ((np.uint64(wanted) * multiplier) & _LOW) >> shift
        slot = np.int64(place) * 4
        while slots[slot] != wanted and slots[slot + 1] != sensors:
            place = (place + _ONE) & mask
            slot = np.int64(place) * 4
        row = np.int64(slots[slot + 1])
        value = values[at]
        is_unmatched = row == sensors
        is_accepted = not is_unmatched and abs(value) <= _MAX_VALUE
        is_invalid = not is_unmatched and not is_accepted
        if is_accepted:
            value = value * calibrations[slot + 2] + calibrations[slot + 3]
            bits = value.view(np.int32)
            ordered = bits
            if bits < 0:
                ordered = bits ^ _MAGNITUDE
            cuda.atomic.add(sums, 4 * row, np.float64(value))
            cuda.atomic.add(words, 4 * row + 1, _ONE)
            newest = (np.uint64(number + at) << _HALF) | (np.uint64(bits) & _LOW)
            cuda.atomic.max(words, 4 * row + 2, newest)
            # Both only ever move one way: what an old look at them rules out is ruled out for good.
            if ordered < halves[8 * row + 6]:
                cuda.atomic.min(halves, 8 * row + 6, ordered)
            if ordered > halves[8 * row + 7]:
                cuda.atomic.max(halves, 8 * row + 7, ordered)
            calibrated[at] = value
        else:
            calibrated[at] = _NAN
    unmatched_here = cuda.syncthreads_count(np.int32(is_unmatched))
    invalid_here = cuda.syncthreads_count(np.int32(is_invalid))
    accepted_here = cuda.syncthreads_count(np.int32(is_accepted))
    if cuda.threadIdx.x == 0:
        accepted[cuda.blockIdx.x] = accepted_here
        if unmatched_here:
            cuda.atomic.add(counters, _UNMATCHED, np.uint64(unmatched_here))
        if invalid_here:
            cuda.atomic.add(counters, _INVALID, np.uint64(invalid_here))


@cuda.jit
def rank(accepted, blocks, counters, turn):  # type: ignore[no-untyped-def]
    """Replace the counts of `blocks` blocks by how many readings were accepted before each; one block of threads."""
    shared = cuda.shared.array(THREADS, int64)
    thread = cuda.threadIdx.x
    share = (blocks + THREADS - 1) // THREADS
    begin = min(blocks, thread * share)
    end = min(blocks, begin + share)
    total = 0
    for block in range(begin, end):
        total += accepted[block]
    shared[thread] = total
    cuda.syncthreads()
    if thread == 0:
        before = 0
        for other in range(THREADS):
            here = shared[other]
            shared[other] = before
            before += here
        counters[_ACCEPTED + (turn + 1) % 2] = counters[_ACCEPTED + turn % 2] + np.uint64(before)
    cuda.syncthreads()
    before = shared[thread]
    for block in range(begin, end):
        here = accepted[block]
        accepted[block] = before
        before += here


@cuda.jit
def retain(  # type: ignore[no-untyped-def]
    ids, times, calibrated, length, accepted, counters, turn, room, ring_ids, ring_times, ring_values
):
    """Write what was accepted to the ring of `room` places; only calibrated values that were accepted are numbers."""
    ranks = cuda.shared.array(THREADS, int64)
    thread = cuda.threadIdx.x
    at = cuda.grid(1)
    value = _NAN
    if at < length:
        value = calibrated[at]
    is_accepted = value == value
    ranks[thread] = 1 if is_accepted else 0
    cuda.syncthreads()
    step = 1
    while step < THREADS:  # Hillis and Steele: an inclusive prefix sum
        carried = 0
        if thread >= step:
            carried = ranks[thread - step]
        cuda.syncthreads()
        ranks[thread] += carried
        cuda.syncthreads()
        step *= 2
    if is_accepted:
        position = np.int64(counters[_ACCEPTED + turn % 2]) + accepted[cuda.blockIdx.x] + ranks[thread] - 1
        place = position % room
        ring_ids[place] = ids[at]
        ring_times[place] = times[at]
        ring_values[place] = value
