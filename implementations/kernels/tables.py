"""Choose and build the table that leads from a sensor id to all that is constant about the sensor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.contract import Sensors
from implementations.kernels import perfect_hash
from implementations.kernels.pages import zeroed_pages
from implementations.kernels.plan import ENTRY_DTYPE, Kind

DIRECT_IDS_PER_SENSOR = 2
DIRECT_IDS_ALWAYS = 1 << 10
MOST_SENSORS = 1 << 28
"""Vectors hold 32-bit indices, signed, of eight-byte words, of which a record has four."""
_SEEDS = (0x9E3779B9, 0x7F4A7C15, 0xF39CC060, 0x5CEDC834, 0x1082276B, 0xF3A27251, 0xF86C6A11, 0xD0C18E95)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A lookup as the compiled loops want it.

    Parameters
    ----------
    kind : Kind
    base, span, shift : int
        As in the plan.
    halves : uint16[buckets + 1]
        Of the factors that hash an id; one unless hashed.
    entries : ENTRY_DTYPE[span]
        One a sensor; those between hold an id that is looked for elsewhere, so that nothing ever matches them.
    """

    kind: Kind
    base: int
    span: int
    shift: int
    halves: NDArray[np.uint16]
    entries: NDArray[np.void]

    @property
    def bytes(self) -> int:
        """Memory of both levels."""
        return self.halves.nbytes + self.entries.nbytes


def table_for(sensors: Sensors, *, huge: bool) -> Table:
    """The fastest table for these sensors: direct if their ids lie close together, else hashed.

    O(S) expected time; about 18 bytes a sensor hashed, at most 32 direct. O(S log S) in the one case that no hash is
    found, which takes ids made for the purpose.

    Raises
    ------
    ValueError
        With more sensors than a vector's indices reach.
    """
    if len(sensors) > MOST_SENSORS:
        raise ValueError(f"{len(sensors):,} sensors; expected at most {MOST_SENSORS:,}: split the table")
    low = int(sensors.id.min(initial=2**32 - 1))
    span = int(sensors.id.max(initial=low)) - low + 1
    if span <= max(DIRECT_IDS_PER_SENSOR * len(sensors), DIRECT_IDS_ALWAYS):
        places = sensors.id - np.uint32(low)
        none = np.zeros(1, np.uint16)
        return Table(Kind.DIRECT, low, span, 0, none, _entries(sensors, places, span, low, huge=huge))
    return _hashed(sensors, huge=huge) or _sorted(sensors, huge=huge)


def _entries(
    sensors: Sensors, places: NDArray[np.uint32], span: int, unmatched_id: int, *, huge: bool
) -> NDArray[np.void]:
    """Entries of all sensors at their places, `unmatched_id` between them."""
    entries: NDArray[np.void] = zeroed_pages(span * ENTRY_DTYPE.itemsize, huge=huge).view(ENTRY_DTYPE)
    entries["id"] = unmatched_id
    entries["id"][places] = sensors.id
    entries["row"][places] = np.arange(len(sensors), dtype=np.uint32)
    entries["gain"][places], entries["offset"][places] = sensors.gain, sensors.offset
    return entries


def _hashed(sensors: Sensors, *, huge: bool) -> Table | None:
    bits = perfect_hash.bucket_bits(len(sensors))
    slots = perfect_hash.slots_for(len(sensors))
    halves, slot_of = np.ones((1 << bits) + 1, np.uint16), np.empty(len(sensors), np.uint32)
    for seed in _SEEDS:
        if perfect_hash.build(sensors.id, np.uint32(seed), halves[:-1], np.uint32(slots), slot_of):
            entries = _entries(sensors, slot_of, slots, int(sensors.id[0]), huge=huge)
            return Table(Kind.HASHED, seed, slots, 32 - bits, halves, entries)
    return None


def _sorted(sensors: Sensors, *, huge: bool) -> Table:
    places = np.empty(len(sensors), np.uint32)
    places[np.argsort(sensors.id)] = np.arange(len(sensors), dtype=np.uint32)
    entries = _entries(sensors, places, len(sensors), 0, huge=huge)
    return Table(Kind.SORTED, 0, len(sensors), 0, np.zeros(1, np.uint16), entries)
