"""The memory that a plan points to: window records, intermediates of a block, ring; and the plan itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import History, Sensors
from implementations.kernels.layout import Layout, apart, joined
from implementations.kernels.pages import zeroed_column, zeroed_pages
from implementations.kernels.partitions import Partitions, partitions_for
from implementations.kernels.plan import LEAST_BEHIND, PLAN_DTYPE, pitch, scratch_bytes, whole_batch
from implementations.kernels.tables import Table, table_for
from implementations.kernels.vectors import LANES

_FAR_BYTES = 1 << 20
"""Entries and records larger than this do not stay in a second-level cache beside all else."""


def statistics_columns(
    sensors: int, lend: Callable[[int, DTypeLike], NDArray[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]]:
    """Room for what a window hands out: int64[S] counts, float64[S] sums and float32[3, S] extremes and last values.

    Each column begins at a cache line if what `lend` gives (a count, a dtype) does, so that whole lines can be written
    past the caches.
    """
    pitch = -(-sensors // LANES) * LANES
    counts, sums = lend(sensors, np.int64), lend(sensors, np.float64)
    return counts, sums, lend(3 * pitch, np.float32).reshape(3, pitch)[:, :sensors]


class Ring:
    """Room for the newest `retain` readings and what is written at a time, in three columns.

    Of up to `piece` readings that are written at a time any may turn out to be rejected, and a piece that does not
    fit before the end begins at the front: so there is room for two beside the readings that must stay.
    """

    def __init__(self, retain: int, piece: int, *, huge: bool) -> None:
        self.capacity = -(-(retain + 2 * piece) // LANES) * LANES if retain else 0
        self.ids: NDArray[np.uint32] = zeroed_column(self.capacity, np.uint32, huge=huge)
        self.times: NDArray[np.int64] = zeroed_column(self.capacity, np.int64, huge=huge)
        self.values: NDArray[np.float32] = zeroed_column(self.capacity, np.float32, huge=huge)

    @property
    def bytes(self) -> int:
        """Memory of the three columns."""
        return 16 * self.capacity

    def newest(self, column: NDArray[Any], plan: NDArray[np.void]) -> NDArray[Any]:
        """The retained entries of one of the columns, oldest first: a copy."""
        kept = int(min(plan["retain"][0], plan["accepted"][0]))
        position, lap_end = int(plan["position"][0]), int(plan["lap_end"][0])
        of_this_lap = min(kept, position)
        of_the_last = kept - of_this_lap
        return np.concatenate((column[lap_end - of_the_last : lap_end], column[position - of_this_lap : position]))


class Workspace:
    """Everything one thread works on, and the plan that leads its compiled loops to it.

    Parameters
    ----------
    sensors, table, layout, retain, ring
        What the plan leads to.
    block
        As in the plan.
    prefetch_distance
        Readings ahead of which a record is fetched, if table and records do not stay in a second-level cache.
    past_caches
        Whether the ring is written past the caches.
    plan : PLAN_DTYPE[1] or None
        Where the plan is to lie; by default, anywhere.
    partitions : Partitions or None
        By which readings are noted, if they are not added to the records at once.
    """

    def __init__(
        self,
        sensors: Sensors,
        table: Table,
        layout: Layout,
        retain: int,
        ring: Ring,
        *,
        block: int,
        prefetch_distance: int,
        past_caches: bool = True,
        plan: NDArray[np.void] | None = None,
        partitions: Partitions | None = None,
    ) -> None:
        block = -(-block // LANES) * LANES
        self.table = table
        self.ring = ring
        self._layout = layout
        self._partitions = partitions
        self._scratch = zeroed_pages(scratch_bytes(block), huge=False)
        self.plan: NDArray[np.void] = np.zeros(1, PLAN_DTYPE) if plan is None else plan
        ahead = -(-prefetch_distance // LANES) * LANES if layout.bytes > _FAR_BYTES else 0
        fetches_records = layout.order is None and partitions is None
        values = {
            "kind": table.kind,
            "base": table.base,
            "span": table.span,
            "turn": table.turn,
            "shift": table.shift,
            "halves": table.halves.ctypes.data,
            "sensors": len(sensors),
            **layout.as_planned(),
            "block": block,
            "whole": whole_batch(block),
            "pitch": pitch(block),
            "ahead": ahead,
            "behind": max(LEAST_BEHIND, ahead) if fetches_records else LEAST_BEHIND,
            "scratch": self._scratch.ctypes.data,
            "retain": retain,
            "ring_ids": ring.ids.ctypes.data,
            "ring_times": ring.times.ctypes.data,
            "ring_values": ring.values.ctypes.data,
            "ring_capacity": ring.capacity,
            "past_caches": past_caches and retain > 0,
            **(partitions.as_planned() if partitions else {}),
        }
        for name, value in values.items():
            self.plan[name] = value

    @classmethod
    def alone(
        cls,
        sensors: Sensors,
        retain: int,
        *,
        block: int,
        prefetch_distance: int,
        past_caches: bool = True,
        huge: bool,
    ) -> "Workspace":
        """One that shares nothing: with a table, a ring and records of its own, all on huge pages if `huge`."""
        table = table_for(sensors)
        partitions = partitions_for(len(sensors), huge=huge)
        layout = (apart if partitions else joined)(sensors, table, huge=huge)[0]
        return cls(
            sensors,
            table,
            layout,
            retain,
            Ring(retain, whole_batch(block), huge=huge),
            block=block,
            prefetch_distance=prefetch_distance,
            past_caches=past_caches,
            partitions=partitions,
        )

    def history(self) -> History:
        """Copy the retained entries of the ring."""
        ring = self.ring
        return History(*(ring.newest(column, self.plan) for column in (ring.ids, ring.times, ring.values)))
