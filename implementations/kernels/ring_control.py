"""Room and content of a ring between two processes: indexes, waiting, giving way to the newest.

The control block is 512 bytes that both see. Each word that one side writes and the other reads has 128 bytes of
its own, so that neither side's cache line is taken away by what the other one writes beside it (128, because
processors fetch lines in pairs). Indexes count readings since the ring was made and never wrap.

Under ``block`` only the consumer moves TAIL, when it has dealt with what it was lent. Under ``drop_oldest`` both
move it, by compare-and-swap: the producer before it overwrites, the consumer after it has copied. A copy counts only
if TAIL was still where it was, so that nothing overwritten in between is ever handed out.

Each side keeps what it knows in an int64 array of its own, `mine`, and hands only that to the compiled functions:
every array that is handed over is unpacked anew, which takes longer than a small batch takes to copy.
"""

from numba import boolean, int64, intp, njit, void

from implementations.kernels.atomics import (
    compare_and_swap,
    give_way,
    load_acquire,
    monotonic_ns,
    nap,
    relax,
    store_release,
)
from implementations.kernels.signatures import own

CONTROL_BYTES = 512
HEAD, TAIL, PRODUCER_CLOSED, CONSUMER_CLOSED = 0, 128, 256, 384
PRODUCER_PID, DROPPED, CONSUMER_PID = 264, 272, 392
"""Offsets in the control block."""

INDEX, SEEN, LENT, CONTROL, CAPACITY = range(5)
"""Places in `mine`: own index, the other's as last seen, readings lent, address of the control block, capacity."""
LAYOUT = 5
"""From here on `mine` holds the addresses of the readings."""

GONE = -1
"""Instead of a count: the other side has closed."""

COUNT_BITS = 32
"""A stretch is one number: its place in the ring, shifted by this, and its length."""

_SPIN_NS = 20_000
_YIELD_NS = 3_000_000
"""A wait of up to 3 ms keeps the CPU unless somebody else wants it: what comes once a millisecond finds it awake."""
_NAP_NS = 20_000
"""The system adds about 50 microseconds to it."""
_MINE = own(int64)


@njit(cache=True, nogil=True)
def _rest(waited_ns):  # type: ignore[no-untyped-def]
    """One step of waiting: spin, then give way, then sleep."""
    if waited_ns < _SPIN_NS:
        relax()
    elif waited_ns < _YIELD_NS:
        give_way()
    else:
        nap(_NAP_NS)


@njit(cache=True, nogil=True)
def _wait_for_room(mine, until_ns):  # type: ignore[no-untyped-def]
    control, capacity = mine[CONTROL], mine[CAPACITY]
    room = capacity - (mine[INDEX] - mine[SEEN])
    if room > 0:
        return room
    began_ns = monotonic_ns()
    now_ns = began_ns
    while True:
        mine[SEEN] = load_acquire(control + TAIL)
        room = capacity - (mine[INDEX] - mine[SEEN])
        if room > 0:
            return room
        if load_acquire(control + CONSUMER_CLOSED) != 0:
            return GONE
        if now_ns >= until_ns:
            return 0
        _rest(now_ns - began_ns)
        now_ns = monotonic_ns()


@njit(cache=True, nogil=True)
def _drop_for_room(mine, wanted):  # type: ignore[no-untyped-def]
    """Make `wanted` places free, at most the capacity, by dropping the oldest readings."""
    control = mine[CONTROL]
    while True:
        tail = load_acquire(control + TAIL)
        lacking = mine[INDEX] + wanted - mine[CAPACITY] - tail
        if lacking <= 0:
            mine[SEEN] = tail
            return
        if compare_and_swap(control + TAIL, tail, tail + lacking):
            store_release(control + DROPPED, load_acquire(control + DROPPED) + lacking)
            mine[SEEN] = tail + lacking
            return


@njit(cache=True, nogil=True)
def make_room(mine, wanted, drops, until_ns):  # type: ignore[no-untyped-def]
    """Room for 1 to `wanted` readings: waited for until `until_ns` (0, or GONE), or made by dropping the oldest."""
    if drops:
        wanted = min(wanted, mine[CAPACITY])
        _drop_for_room(mine, wanted)
        return wanted
    return min(wanted, _wait_for_room(mine, until_ns))


@njit(cache=True, nogil=True)
def commit(mine, count):  # type: ignore[no-untyped-def]
    """Show the consumer `count` more readings, which lie in their places already."""
    mine[INDEX] += count
    store_release(mine[CONTROL] + HEAD, mine[INDEX])


@njit(cache=True, nogil=True)
def _await(mine, until_ns):  # type: ignore[no-untyped-def]
    """Wait for readings behind the index until `until_ns`; how many, 0, or GONE."""
    control = mine[CONTROL]
    began_ns = monotonic_ns()
    now_ns = began_ns
    while True:
        closed = load_acquire(control + PRODUCER_CLOSED)  # before HEAD: what was put in before closing is seen
        mine[SEEN] = load_acquire(control + HEAD)
        if mine[SEEN] > mine[INDEX]:
            return mine[SEEN] - mine[INDEX]
        if closed != 0:
            return GONE
        if now_ns >= until_ns:
            return 0
        _rest(now_ns - began_ns)
        now_ns = monotonic_ns()


@njit([void(_MINE)], cache=True, nogil=True)
def give_back(mine):  # type: ignore[no-untyped-def]
    """Give back what was lent: the consumer has dealt with it."""
    if mine[LENT] > 0:
        mine[INDEX] += mine[LENT]
        mine[LENT] = 0
        store_release(mine[CONTROL] + TAIL, mine[INDEX])


@njit([int64(_MINE, int64, boolean, int64)], cache=True, nogil=True)
def borrow(mine, most, around, until_ns):  # type: ignore[no-untyped-def]
    """Give back what was lent, then wait for readings to lend; the stretch, 0 at `until_ns`, or GONE.

    A stretch is at most `most` readings long; it reaches `around` the end of the ring, or only up to it.
    """
    give_back(mine)
    count = mine[SEEN] - mine[INDEX]
    if count <= 0:
        count = _await(mine, until_ns)
        if count <= 0:
            return count
    place = mine[INDEX] % mine[CAPACITY]
    count = min(count, most)
    if not around:
        count = min(count, mine[CAPACITY] - place)
    mine[LENT] = count
    return (place << COUNT_BITS) | count


@njit(cache=True, nogil=True)
def wait_behind_tail(mine, until_ns):  # type: ignore[no-untyped-def]
    """Make TAIL the index and wait for readings behind it until `until_ns`; how many, 0, or GONE."""
    mine[INDEX] = load_acquire(mine[CONTROL] + TAIL)
    mine[SEEN] = load_acquire(mine[CONTROL] + HEAD)
    if mine[SEEN] > mine[INDEX]:
        return mine[SEEN] - mine[INDEX]
    return _await(mine, until_ns)


@njit(cache=True, nogil=True)
def take(mine, count):  # type: ignore[no-untyped-def]
    """Whether `count` readings from the index on, copied out by now, were whole: then they are taken out."""
    return compare_and_swap(mine[CONTROL] + TAIL, mine[INDEX], mine[INDEX] + count)


@njit([void(intp, int64)], cache=True, nogil=True)
def show(address, value):  # type: ignore[no-untyped-def]
    """Write a word that the other side looks at, after everything else."""
    store_release(address, value)
