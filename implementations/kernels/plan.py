"""What the fused pass is told, in one record: where everything lies and how far the ring has come.

A call of a compiled loop costs about 0.1 microseconds an argument; with everything that stays the same in one record
there are four: the record and the three columns of a batch.
"""

from enum import IntEnum

import numpy as np

from implementations.kernels.vectors import LANES


class Kind(IntEnum):
    """How a sensor id becomes a row."""

    CONSECUTIVE = 0
    """Row = id - base; no table at all."""
    DIRECT = 1
    """Row = table[id - base]: ids of a small span."""
    HASHED = 2
    """A perfect hash in two levels."""
    SORTED = 3
    """Binary search: what is left when no hash is found."""


PLAN_DTYPE = np.dtype(
    [
        (name, "i8")
        for name in (
            "kind",
            "base",  # smallest id (CONSECUTIVE, DIRECT), seed (HASHED)
            "span",  # largest id - base + 1 (CONSECUTIVE, DIRECT), slots (HASHED), sensors (SORTED)
            "shift",  # of a mixed id to its bucket (HASHED)
            "factors",  # address of uint32[buckets] (HASHED)
            "table",  # address of uint32[span] (DIRECT) or of (id, row) pairs uint32[slots, 2] (HASHED, SORTED)
            "known_id",  # of any sensor: what pads an incomplete vector
            "sensors",
            "records",  # address of the window's records
            "carried",  # address of int64[sensors]
            "has_carried",  # whether that column holds anything
            "uncarried",  # readings since counts were last carried
            "carry_at",  # carry before that would exceed this
            "unmatched",
            "invalid",
            "output",  # address of float32[at least the batch]
            "block",  # readings a block, a multiple of the lanes
            "ahead",  # prefetch distance in readings, 0 for none
            "scratch",  # address of SCRATCH_BYTES bytes a reading of a block
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

SCRATCH_COLUMNS = ("rows", "mixed", "places", "ids", "values", "times", "kept_ids", "kept_values", "kept_times")
_SCRATCH_ITEM_BYTES = (4, 4, 4, 4, 4, 8, 4, 4, 8)


def scratch_bytes(block: int) -> int:
    """Bytes that a block's intermediates need."""
    return sum(_SCRATCH_ITEM_BYTES) * (block + 2 * LANES)
