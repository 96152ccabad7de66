"""Choose and build the table that leads from a sensor id to the sensor's place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.contract import Sensors
from implementations.kernels import perfect_hash
from implementations.kernels.plan import Kind

DIRECT_IDS_PER_SENSOR = 2
DIRECT_IDS_ALWAYS = 1 << 10
MOST_SENSORS = 1 << 28
"""Vectors hold 32-bit indices, signed, of eight-byte words, of which a record has four."""
_SEEDS = tuple(pow(0x9E3779B1, power, 1 << 32) for power in range(1, 33))
"""Odd factors that have nothing to do with one another: ids that fall badly under one are spread by the next."""
_NO_HALVES = np.zeros(1, np.uint16)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The way from a sensor id to a place, as the compiled loops want it.

    Parameters
    ----------
    kind : Kind
    base, span, turn, shift : int
        As in the plan; places are below `span`.
    halves : uint16[buckets + 1]
        Of the factors that hash an id; one unless hashed.
    places : uint32[S]
        Each sensor's; all different.
    """

    kind: Kind
    base: int
    span: int
    turn: int
    shift: int
    halves: NDArray[np.uint16]
    places: NDArray[np.uint32]


def table_for(sensors: Sensors) -> Table:
    """The fastest table for these sensors: direct if their ids lie close together, else hashed.

    O(S) expected time; about 1.15 places a sensor hashed, at most 2 direct. O(S log S) in the one case that no hash
    is found, which takes ids made for the purpose.

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
        return Table(Kind.DIRECT, low, span, 0, 0, _NO_HALVES, sensors.id - np.uint32(low))
    return _hashed(sensors) or _sorted(sensors)


def _hashed(sensors: Sensors) -> Table | None:
    bits = perfect_hash.bucket_bits(len(sensors))
    slots = perfect_hash.slots_for(len(sensors))
    halves, slot_of = np.ones((1 << bits) + 1, np.uint16), np.empty(len(sensors), np.uint32)
    turn = perfect_hash.id_turn(sensors.id)
    ids = perfect_hash.turned_right(sensors.id, turn)
    for seed in _SEEDS:
        if perfect_hash.build(ids, np.uint32(seed), halves[:-1], np.uint32(slots), slot_of):
            return Table(Kind.HASHED, seed, slots, turn, 32 - bits, halves, slot_of)
    return None


def _sorted(sensors: Sensors) -> Table:
    places = np.empty(len(sensors), np.uint32)
    places[np.argsort(sensors.id)] = np.arange(len(sensors), dtype=np.uint32)
    return Table(Kind.SORTED, 0, len(sensors), 0, 0, _NO_HALVES, places)
