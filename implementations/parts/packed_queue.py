"""A queue of packed blocks in segments of memory that are used again as soon as their readings are too old.

Blocks lie one behind the other in an endless line of words. The line is cut into segments of 4096 words, and a
segment may lie anywhere: `segments` says where. Free ones are on a stack, so that the one given back last is taken
first and no more memory is ever touched than was once needed. New readings are *staged* until a block is full.
"""

from typing import NamedTuple

import numpy as np
from numba import float32, int32, int64, intp, njit, types, uint32, uint64, void
from numpy.typing import NDArray

from implementations.kernels.packing import holds_plain_times, pack, unpack, words_at_most
from implementations.kernels.signatures import given, own
from implementations.parts.aligned import small_pages
from implementations.parts.protocols import Memory

SEGMENT_WORDS = 4096
STATE_WORDS = 9
STAGED, FIRST, END, WRITTEN, FREE, OPENED, CLOSED, PLAIN_TIMES, EXCEPTIONS = range(STATE_WORDS)
"""Places in the state: readings staged; number of the oldest block and of the next; words of the line used; segments
on the stack; segments ever opened and ever given back; blocks whose times did not compress; exceptional times."""


class Queue(NamedTuple):
    """The arrays of a queue.

    `words` is where the segments lie, `segments` the place of each open one, `free` the stack; `block_at` is where in
    the line each kept block begins; `scratch` holds one block. Those that depend on `retain` are made for readings
    that do not compress, and touched no further than the readings need.
    """

    state: NDArray[np.int64]
    staged_row: NDArray[np.uint32]
    staged_time: NDArray[np.int64]
    staged_value: NDArray[np.uint32]
    words: NDArray[np.uint64]
    segments: NDArray[np.int32]
    free: NDArray[np.int32]
    block_at: NDArray[np.int64]
    scratch: NDArray[np.uint64]


def make(retain: int, block_size: int, memory: Memory) -> Queue:
    """An empty queue for `retain` readings in blocks of `block_size`."""
    blocks = -(-retain // block_size) + 1
    segments = -(-blocks * words_at_most(block_size) // SEGMENT_WORDS) + 2
    queue = Queue(
        state=memory.keep(STATE_WORDS, np.int64),
        staged_row=memory.keep(block_size, np.uint32),
        staged_time=memory.keep(block_size, np.int64),
        staged_value=memory.keep(block_size, np.uint32),
        words=small_pages(8 * segments * SEGMENT_WORDS).view(np.uint64),
        segments=memory.keep(segments, np.int32),
        free=memory.keep(segments, np.int32),
        block_at=memory.keep(blocks + 1, np.int64),
        scratch=memory.keep(words_at_most(block_size), np.uint64),
    )
    clear(queue)
    return queue


_QUEUE = types.NamedTuple(
    [
        own(int64),
        own(uint32),
        own(int64),
        own(uint32),
        own(uint64),
        own(int32),
        own(int32),
        own(int64),
        own(uint64),
    ],
    Queue,
)


@njit(void(_QUEUE), cache=True)
def clear(queue):  # type: ignore[no-untyped-def]
    """Empty the queue: all segments free, the lowest to be taken first."""
    queue.state[:] = 0
    queue.state[FREE] = len(queue.free)
    for segment in range(len(queue.free)):
        queue.free[segment] = len(queue.free) - 1 - segment


@njit(types.UniTuple(int64, 2)(_QUEUE, int64, int64), cache=True)
def stretch(queue, begin, end):  # type: ignore[no-untyped-def]
    """Where in `words` the part of the line from `begin` lies, and how much of it, up to `end`, in one piece."""
    segment = np.int64(queue.segments[begin // SEGMENT_WORDS % len(queue.segments)])
    inside = begin % SEGMENT_WORDS
    return segment * SEGMENT_WORDS + inside, min(end - begin, SEGMENT_WORDS - inside)


@njit(void(_QUEUE, intp), cache=True)
def enqueue(queue, count):  # type: ignore[no-untyped-def]
    """Copy `count` words of `scratch` behind the newest block."""
    state = queue.state
    begin, end = state[WRITTEN], state[WRITTEN] + count
    while state[OPENED] * SEGMENT_WORDS < end:
        state[FREE] -= 1
        queue.segments[state[OPENED] % len(queue.segments)] = queue.free[state[FREE]]
        state[OPENED] += 1
    copied = 0
    while copied < count:
        place, length = stretch(queue, begin + copied, end)
        queue.words[place : place + length] = queue.scratch[copied : copied + length]
        copied += length
    queue.block_at[state[END] % len(queue.block_at)] = begin
    state[END] += 1
    state[WRITTEN] = end


@njit(void(_QUEUE, intp), cache=True)
def forget(queue, retain):  # type: ignore[no-untyped-def]
    """Drop the oldest blocks that none of the newest `retain` readings is in, and free their segments."""
    state, block_size = queue.state, len(queue.staged_row)
    while state[FIRST] < state[END] and (state[END] - state[FIRST] - 1) * block_size + state[STAGED] >= retain:
        state[FIRST] += 1
    kept = state[WRITTEN]
    if state[FIRST] < state[END]:
        kept = queue.block_at[state[FIRST] % len(queue.block_at)]
    while (state[CLOSED] + 1) * SEGMENT_WORDS <= kept:
        queue.free[state[FREE]] = queue.segments[state[CLOSED] % len(queue.segments)]
        state[FREE] += 1
        state[CLOSED] += 1


@njit(void(_QUEUE, given(int64), own(intp), own(float32), intp, intp), cache=True)
def append(queue, time, rows, calibrated, reject_row, retain):  # type: ignore[no-untyped-def]
    """Stage the accepted readings; pack and enqueue a block whenever one is full."""
    bits = calibrated.view(np.uint32)
    staged_row, staged_time, staged_value = queue.staged_row, queue.staged_time, queue.staged_value
    staged, block_size = queue.state[STAGED], len(queue.staged_row)
    for position in range(len(rows)):
        row = rows[position]
        if row == reject_row:
            continue
        staged_row[staged] = row
        staged_time[staged] = time[position]
        staged_value[staged] = bits[position]
        staged += 1
        if staged == block_size:
            queue.state[STAGED] = staged
            forget(queue, retain)
            count, exceptions = pack(staged_row, staged_time, staged_value, queue.scratch)
            queue.state[PLAIN_TIMES] += holds_plain_times(queue.scratch[0])
            queue.state[EXCEPTIONS] += exceptions
            enqueue(queue, count)
            staged = 0
    queue.state[STAGED] = staged


@njit(cache=True)
def _copy(from_row, from_time, from_value, end, count, to_row, to_time, to_value, place):  # type: ignore[no-untyped-def]
    """Copy the `count` readings before `end` to `place`."""
    for position in range(count):
        to_row[place + position] = from_row[end - count + position]
        to_time[place + position] = from_time[end - count + position]
        to_value[place + position] = from_value[end - count + position]


@njit(void(_QUEUE, own(uint32), own(int64), own(float32)), cache=True)
def snapshot(queue, row, time, calibrated):  # type: ignore[no-untyped-def]
    """Fill the arrays with as many of the newest readings as they hold, oldest first; the queue must have so many."""
    state, block_size = queue.state, len(queue.staged_row)
    bits = calibrated.view(np.uint32)
    missing = len(row)
    taken = min(state[STAGED], missing)
    missing -= taken
    _copy(queue.staged_row, queue.staged_time, queue.staged_value, state[STAGED], taken, row, time, bits, missing)
    block_row, block_value = np.empty(block_size, np.uint32), np.empty(block_size, np.uint32)
    block_time = np.empty(block_size, np.int64)
    number = state[END]
    end = state[WRITTEN]
    while missing > 0:
        number -= 1
        begin = queue.block_at[number % len(queue.block_at)]
        copied = 0
        while begin + copied < end:
            place, length = stretch(queue, begin + copied, end)
            queue.scratch[copied : copied + length] = queue.words[place : place + length]
            copied += length
        unpack(queue.scratch, block_row, block_time, block_value)
        taken = min(block_size, missing)
        missing -= taken
        _copy(block_row, block_time, block_value, block_size, taken, row, time, bits, missing)
        end = begin
