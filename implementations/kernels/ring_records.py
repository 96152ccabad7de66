"""Rings of 16-byte records that are mapped twice in a row, so that no stretch of them has an end in it."""

from numba import boolean, carray, float32, from_dtype, int64, njit, types, uint32
from numba.extending import intrinsic

from harness.contract import RECORD_DTYPE
from implementations.kernels.atomics import copy_bytes
from implementations.kernels.ring_control import CAPACITY, INDEX, LAYOUT, commit, make_room, take, wait_behind_tail
from implementations.kernels.signatures import given, own

RECORDS = LAYOUT
"""Place in `mine` of the address of the records."""
OWN_WORDS = LAYOUT + 1

LEAST_COPY = 64
_RECORD = from_dtype(RECORD_DTYPE)
_SIZE = RECORD_DTYPE.itemsize
_MINE = own(int64)
_GIVEN = (given(uint32), given(int64), given(float32))
_CONTIGUOUS = tuple(types.Array(column.dtype, 1, "C", readonly=True) for column in _GIVEN)
"""Contiguous batches have a signature of their own, for it is found faster."""


@intrinsic
def _records_at(typing_context, address):  # type: ignore[no-untyped-def]
    """An address as a pointer to records."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.inttoptr(arguments[0], context.get_value_type(types.CPointer(_RECORD)))

    return types.CPointer(_RECORD)(types.int64), codegen


@njit([int64(_MINE, *kind, int64, boolean, int64) for kind in (_CONTIGUOUS, _GIVEN)], cache=True, nogil=True)
def put(mine, sensor_id, time, value, first, drops, until_ns):  # type: ignore[no-untyped-def]
    """Put in, from `first` on, what there is room for; how many, 0 at `until_ns`, or GONE."""
    room = make_room(mine, len(time) - first, drops, until_ns)
    if room > 0:
        place = mine[INDEX] % mine[CAPACITY]
        ring = carray(_records_at(mine[RECORDS] + place * _SIZE), room)
        for step in range(room):
            ring[step].sensor_id = sensor_id[first + step]
            ring[step].value = value[first + step]
            ring[step].time = time[first + step]
        commit(mine, room)
    return room


@njit([int64(_MINE, own(_RECORD), int64, int64)], cache=True, nogil=True)
def take_out(mine, out, most, until_ns):  # type: ignore[no-untyped-def]
    """Copy the oldest records into `out`, at most `most`; how many, 0 at `until_ns`, or GONE.

    A copy that the producer has overtaken is made again, of half as many readings, so that it ends.
    """
    while True:
        count = min(most, wait_behind_tail(mine, until_ns))
        if count <= 0:
            return count
        place = mine[INDEX] % mine[CAPACITY]
        copy_bytes(out.ctypes.data, mine[RECORDS] + place * _SIZE, count * _SIZE)
        if take(mine, count):
            return count
        most = min(most, max(LEAST_COPY, most // 2))
