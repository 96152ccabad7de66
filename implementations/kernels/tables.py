"""Choose and build the table that takes a sensor id to its row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from implementations.kernels import perfect_hash
from implementations.kernels.plan import Kind

DIRECT_IDS_PER_SENSOR = 4
DIRECT_IDS_ALWAYS = 1 << 12
_ABSENT = 0xFFFFFFFF
_SEEDS = (0x9E3779B9, 0x7F4A7C15, 0xF39CC060, 0x5CEDC834, 0x1082276B, 0xF3A27251, 0xF86C6A11, 0xD0C18E95)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A lookup as the compiled loops want it.

    Parameters
    ----------
    kind : Kind
    base, span, shift : int
        As in the plan.
    factors : uint32[buckets]
        Empty unless hashed.
    table : uint32[span] or uint32[slots, 2]
        Rows by id - base, or pairs of id and row.
    """

    kind: Kind
    base: int
    span: int
    shift: int
    factors: NDArray[np.uint32]
    table: NDArray[np.uint32]

    @property
    def bytes(self) -> int:
        """Memory of both levels."""
        return self.factors.nbytes + self.table.nbytes


_NONE = np.zeros(1, np.uint32)


def table_for(sensor_id: NDArray[np.uint32]) -> Table:
    """The fastest table for these ids: none if they are consecutive, direct if they lie close together, else hashed.

    O(S) expected time; about 11 bytes a sensor hashed, at most 16 direct. O(S log S) in the one case that no
    hash is found, which takes ids made for the purpose.
    """
    if len(sensor_id) == 0:
        return Table(Kind.CONSECUTIVE, 0, 0, 0, _NONE, _NONE)
    low, high = int(sensor_id.min()), int(sensor_id.max())
    span = high - low + 1
    if span == len(sensor_id) and bool(np.all(sensor_id[1:] > sensor_id[:-1])):
        return Table(Kind.CONSECUTIVE, low, span, 0, _NONE, _NONE)
    if span <= max(DIRECT_IDS_PER_SENSOR * len(sensor_id), DIRECT_IDS_ALWAYS):
        rows = np.full(span, _ABSENT, np.uint32)
        rows[sensor_id - np.uint32(low)] = np.arange(len(sensor_id), dtype=np.uint32)
        return Table(Kind.DIRECT, low, span, 0, _NONE, rows)
    return _hashed(sensor_id) or _sorted(sensor_id)


def _hashed(sensor_id: NDArray[np.uint32]) -> Table | None:
    bits = perfect_hash.bucket_bits(len(sensor_id))
    factors = np.ones(1 << bits, np.uint32)
    table = np.empty((perfect_hash.slots_for(len(sensor_id)), 2), np.uint32)
    for seed in _SEEDS:
        if perfect_hash.build(sensor_id, np.uint32(seed), factors, table):
            return Table(Kind.HASHED, seed, len(table), 32 - bits, factors, table)
    return None


def _sorted(sensor_id: NDArray[np.uint32]) -> Table:
    order = np.argsort(sensor_id).astype(np.uint32)
    return Table(Kind.SORTED, 0, len(order), 0, _NONE, np.column_stack((sensor_id[order], order)))
