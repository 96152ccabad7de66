"""Many sensors: readings are noted by partitions of the sensors and added to the records a partition at a time.

Where the records are much larger than the caches, every reading would fetch a line of them from memory at random.
Instead its row and value are noted behind those of the same partition [1]_, eight bytes beside eight others. When a
partition's notes are almost full, or the window is closed, they are added one by one to its records, which fit the
second-level cache. A partition whose notes were never full needs none of its records: its readings are added to spare
ones, which stay in the cache, and handed out from there.

The readings of a sensor are added in the order of their arrival, as they are without notes: no bit of the answer
depends on it.

References
----------
.. [1] S. Manegold, P. Boncz and M. Kersten, Optimizing main-memory join on modern hardware, IEEE Trans. Knowl. Data
   Eng. 14 (2002), 709-730: radix clustering.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from implementations.kernels.closing import hand_out
from implementations.kernels.memory import prefetch, read_f32, read_i64, read_u32, write_f32, write_i64, write_u32
from implementations.kernels.pages import zeroed_pages
from implementations.kernels.plan import WORD_BYTES
from implementations.kernels.window import RECORD_BYTES, accumulate, new_records, sides, sum_and_count

FROM_SENSORS = 300_000
"""Sensors from which on notes are worth their cost; measured, with a second-level cache of 2 MiB."""
ROWS = 2048
"""Sensors of a partition: records of 64 KiB, and few enough partitions for the first-level cache to hold the line
that each writes to; with fewer still, a count would be looked at before it is written."""
NOTES = 2048
"""Readings that a partition has room for."""
_PIECE = 256
"""Readings that are noted together: a partition always has room for as many more."""
_NOTE_BYTES = 8
_PITCH_NOTES = NOTES + 8
"""From a partition's notes to the next one's: no power of two, or all would compete for the same few cache sets."""
_SHIFT = (ROWS * RECORD_BYTES // WORD_BYTES).bit_length() - 1
"""By which the place of a record, in words, leads to its partition."""


class Partitions:
    """Room for the notes on `sensors` sensors, and for one partition more, in which rejected readings are noted.

    O(S) memory: 8 bytes a sensor.
    """

    def __init__(self, sensors: int, *, huge: bool) -> None:
        self.count = -(-sensors // ROWS)
        self.notes = zeroed_pages((self.count + 1) * _PITCH_NOTES * _NOTE_BYTES, huge=huge)
        self.note_counts: NDArray[np.int64] = np.zeros(self.count + 1, np.int64)
        self.in_records: NDArray[np.int64] = np.zeros(self.count + 1, np.int64)
        self.spare = new_records(ROWS, huge=False)

    def as_planned(self) -> dict[str, int]:
        """What a plan says of them; rejected readings are noted with the rows behind those of any partition."""
        return {
            "rejects": self.count * ROWS * RECORD_BYTES // WORD_BYTES,
            "partitions": self.count,
            "notes": self.notes.ctypes.data,
            "note_counts": self.note_counts.ctypes.data,
            "in_records": self.in_records.ctypes.data,
            "spare": self.spare.ctypes.data,
        }


def partitions_for(sensors: int, *, huge: bool) -> Partitions | None:
    """Partitions, if there are sensors enough for them to be of use."""
    return Partitions(sensors, huge=huge) if sensors >= FROM_SENSORS else None


@njit(inline="always")
def _first_note(plan, partition):  # type: ignore[no-untyped-def]
    return plan.notes + _NOTE_BYTES * _PITCH_NOTES * partition


@njit
def _add(plan, partition, records):  # type: ignore[no-untyped-def]
    """Add a partition's notes to `records`, where row 0 would lie, and strike them out."""
    stamp, extremes, sums = np.uint32(plan.stamp), sides(), sum_and_count()
    at = plan.note_counts + WORD_BYTES * partition
    note = _first_note(plan, partition)
    for _ in range(read_i64(at)):
        accumulate(records + WORD_BYTES * np.int64(read_u32(note)), note + 4, stamp, extremes, sums)
        note += _NOTE_BYTES
    write_i64(at, np.int64(0))


@njit
def _make_room(plan):  # type: ignore[no-untyped-def]
    """Add the notes of partitions that are almost full; forget those on rejected readings."""
    for partition in range(plan.partitions + 1):
        at = plan.note_counts + WORD_BYTES * partition
        if read_i64(at) >= NOTES - _PIECE:
            if partition < plan.partitions:
                _add(plan, partition, plan.records)
                write_i64(plan.in_records + WORD_BYTES * partition, np.int64(1))
            else:
                write_i64(at, np.int64(0))


@njit
def _find_room(plan, rows, places, count):  # type: ignore[no-untyped-def]
    """Leave in `places` where notes go, counted from the first; return whether a partition is almost full now."""
    notes, counts = plan.notes, plan.note_counts
    is_crowded = False
    for i in range(0, 4 * count, 4):
        partition = np.int64(read_u32(rows + i)) >> _SHIFT
        at = counts + WORD_BYTES * partition
        held = read_i64(at)
        write_i64(at, held + 1)
        place = _PITCH_NOTES * partition + held
        write_u32(places + i, np.uint32(place))
        prefetch(notes + _NOTE_BYTES * place)
        is_crowded |= held == NOTES - _PIECE
    return is_crowded


@njit
def note(plan, rows, places, output, count):  # type: ignore[no-untyped-def]
    """Note `count` readings of a block: their `rows`, as `calibrate` left them, and the values in `output`.

    First where they all go, then what: so no look at a count waits for the place of a note before it. `places` is
    room for a block's.
    """
    notes = plan.notes
    for first in range(0, count, _PIECE):
        end = min(first + _PIECE, count)
        is_crowded = _find_room(plan, rows + 4 * first, places, end - first)
        for i in range(first, end):
            place = notes + _NOTE_BYTES * np.int64(read_u32(places + 4 * (i - first)))
            write_u32(place, read_u32(rows + 4 * i))
            write_f32(place + 4, read_f32(output + 4 * i))
        if is_crowded:
            _make_room(plan)


@njit
def hand_out_partitions(plan, count, total, minimum, maximum, last):  # type: ignore[no-untyped-def]
    """Add all notes, hand out each partition's records while they are in the cache, and open the next window."""
    sensors = plan.sensors
    for partition in range(plan.partitions):
        first = partition * ROWS
        end = min(first + ROWS, sensors)
        was_full = plan.in_records + WORD_BYTES * partition
        records = plan.records if read_i64(was_full) != 0 else plan.spare - RECORD_BYTES * first
        _add(plan, partition, records)
        hand_out(records, RECORD_BYTES, 0, first, end, sensors, count, total, minimum, maximum, last)
        write_i64(was_full, np.int64(0))
