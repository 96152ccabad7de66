"""Rings of three columns: copy readings in and out, around the end."""

from numba import boolean, float32, int64, njit, types, uint32

from implementations.kernels.atomics import copy_bytes
from implementations.kernels.ring_control import CAPACITY, INDEX, LAYOUT, commit, make_room, take, wait_behind_tail
from implementations.kernels.signatures import given, own

SENSOR_ID, TIME, VALUE = LAYOUT, LAYOUT + 1, LAYOUT + 2
"""Places in `mine` of the addresses of the columns."""
OWN_WORDS = LAYOUT + 3

LEAST_COPY = 64
_MINE = own(int64)
_GIVEN = (given(uint32), given(int64), given(float32))
_CONTIGUOUS = tuple(types.Array(column.dtype, 1, "C", readonly=True) for column in _GIVEN)
"""Contiguous batches have a signature of their own, for it is found faster."""


@njit(cache=True, nogil=True)
def _copy_in(column, capacity, place, source, first, count):  # type: ignore[no-untyped-def]
    """Copy `count` items from `first` of any array to `place` of the ring's column, going on at its beginning."""
    size = source.itemsize
    before_end = min(count, capacity - place)
    if source.strides[0] == size:
        begin = source.ctypes.data + first * size
        copy_bytes(column + place * size, begin, before_end * size)
        copy_bytes(column, begin + before_end * size, (count - before_end) * size)
    else:
        for step in range(count):
            at = place + step if step < before_end else step - before_end
            copy_bytes(column + at * size, source.ctypes.data + (first + step) * source.strides[0], size)


@njit(cache=True, nogil=True)
def _copy_out(target, column, capacity, place, count):  # type: ignore[no-untyped-def]
    size = target.itemsize
    before_end = min(count, capacity - place)
    copy_bytes(target.ctypes.data, column + place * size, before_end * size)
    copy_bytes(target.ctypes.data + before_end * size, column, (count - before_end) * size)


@njit([int64(_MINE, *kind, int64, boolean, int64) for kind in (_CONTIGUOUS, _GIVEN)], cache=True, nogil=True)
def put(mine, sensor_id, time, value, first, drops, until_ns):  # type: ignore[no-untyped-def]
    """Put in, from `first` on, what there is room for; how many, 0 at `until_ns`, or GONE."""
    room = make_room(mine, len(time) - first, drops, until_ns)
    if room > 0:
        capacity = mine[CAPACITY]
        place = mine[INDEX] % capacity
        _copy_in(mine[SENSOR_ID], capacity, place, sensor_id, first, room)
        _copy_in(mine[TIME], capacity, place, time, first, room)
        _copy_in(mine[VALUE], capacity, place, value, first, room)
        commit(mine, room)
    return room


@njit([int64(_MINE, own(uint32), own(int64), own(float32), int64, int64)], cache=True, nogil=True)
def take_out(mine, sensor_id, time, value, most, until_ns):  # type: ignore[no-untyped-def]
    """Copy the oldest readings out, at most `most`; how many, 0 at `until_ns`, or GONE.

    A copy that the producer has overtaken is made again, of half as many readings, so that it ends.
    """
    capacity = mine[CAPACITY]
    while True:
        count = min(most, wait_behind_tail(mine, until_ns))
        if count <= 0:
            return count
        place = mine[INDEX] % capacity
        _copy_out(sensor_id, mine[SENSOR_ID], capacity, place, count)
        _copy_out(time, mine[TIME], capacity, place, count)
        _copy_out(value, mine[VALUE], capacity, place, count)
        if take(mine, count):
            return count
        most = min(most, max(LEAST_COPY, most // 2))
