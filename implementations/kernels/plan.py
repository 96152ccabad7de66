"""What the fused pass is told, in one record: where everything lies and how far the ring has come.

With everything that stays the same in one record, a call has four arguments: the record and the three columns of a
batch.
"""

from enum import IntEnum

import numpy as np

from implementations.kernels.vectors import LANES


class Kind(IntEnum):
    """How a sensor id leads to its entry."""

    DIRECT = 0
    """Place = id - base: ids of a small span."""
    HASHED = 1
    """A perfect hash in two levels."""
    SORTED = 2
    """Binary search: what is left when no hash is found."""


ENTRY_DTYPE = np.dtype([("id", "u4"), ("record", "u4"), ("gain", "f4"), ("offset", "f4")])
ENTRY_BYTES = ENTRY_DTYPE.itemsize
WORD_BYTES = 8
"""Ways to entries and records are counted in words of this length, the longest that an address scales by."""

PLAN_DTYPE = np.dtype(
    [
        (name, "i8")
        for name in (
            "kind",
            "base",  # smallest id (DIRECT), seed (HASHED)
            "span",  # largest id - base + 1 (DIRECT), slots (HASHED), sensors (SORTED)
            "turn",  # bits by which an id is turned before it is hashed (HASHED)
            "shift",  # of an id times the seed to its bucket (HASHED)
            "halves",  # address of uint16[buckets + 1] (HASHED)
            "table",  # address of ENTRY_DTYPE[span]
            "entry_words",  # from one to the next, a power of two
            "half_to_words",  # shift of a slot in the upper half of a lane to the words before its entry
            "sensors",
            "records",  # address of the window's records
            "record_words",  # from one to the next
            "record_count",  # those of the rejects, behind them, not counted
            "order",  # address of uint32[sensors], words from the first record to each sensor's, 0 if they lie in rows
            "rejects",  # words from the first record to the first reject record
            "behind",  # readings that are settled before the first is added to its record
            "partitions",  # by which readings are noted, 0 if they are added at once
            "notes",  # address of the first partition's
            "note_counts",  # address of int64[partitions + 1]
            "in_records",  # address of int64[partitions + 1]: whether a partition's records hold readings
            "spare",  # address of a partition's records, empty
            "stamp",  # written beside each last value, below 2**32: later ones are larger
            "unmatched",
            "invalid",
            "length",  # readings of a batch whose values go to `output`
            "output",  # address of float32[at least the batch + 15]
            "block",  # readings a block, a multiple of the lanes
            "whole",  # readings up to which a batch is one block
            "pitch",  # readings that each column of the intermediates has room for
            "ahead",  # prefetch distance of entries in readings, 0 for none
            "scratch",  # address of the intermediates of a block
            "retain",
            "ring_ids",
            "ring_times",
            "ring_values",
            "ring_capacity",
            "position",  # where the next accepted reading goes
            "lap_end",  # where the previous lap of the ring ended
            "accepted",  # readings retained so far, older ones overwritten or not
            "past_caches",  # whether to write the ring past the caches
        )
    ]
)

WORDS_AT, PLACES_AT, PADDED_AT = 0, 4, 8
GATHERED_IDS_AT, GATHERED_VALUES_AT, GATHERED_TIMES_AT = 16, 20, 24
KEPT_IDS_AT, KEPT_VALUES_AT, KEPT_TIMES_AT = 32, 36, 40
"""Where the columns of a block's intermediates begin in `scratch`, in units of `pitch`."""
LEAST_BEHIND = 2 * LANES
"""Readings by which adding must follow settling, so that what the one stores is there for the other to load."""
_SCRATCH_BYTES = 48
_WHOLE_BLOCKS = 4


def whole_batch(block: int) -> int:
    """Readings up to which a batch is one block: short enough for the caches, and spared what each block costs."""
    return _WHOLE_BLOCKS * -(-block // LANES) * LANES


def pitch(block: int) -> int:
    """Readings that each column of the intermediates has room for: the longest block, and half a page of memory.

    Columns a power of two apart would let a load wait for a store to another one whose address ends alike.
    """
    return whole_batch(block) + 8 * LANES


def scratch_bytes(block: int) -> int:
    """Bytes of all columns of the intermediates."""
    return _SCRATCH_BYTES * pitch(block)
