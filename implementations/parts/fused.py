"""Fused: the whole job in one compiled pass on vector registers, its outputs lent by a memory part."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from harness.contract import Floats, History, Processor, Readings, Sensors, Statistics
from implementations.parts.protocols import Memory
from implementations.parts.started import not_started

if TYPE_CHECKING:
    from implementations.kernels.workspace import Workspace


class FusedPass(Processor):
    """The counterpart of :class:`Composed` where no step can be told from the next.

    Time O(1) a reading, O(S) a window; memory 64 bytes a sensor (see `Simd`), 16 a retained reading.

    Parameters
    ----------
    memory
        Where outputs and statistics come from.
    block_size
        Readings a block, whose intermediates stay in the first-level cache.
    prefetch_distance
        Readings ahead of which a sensor's record is fetched, where the state is large.
    huge_pages
        Whether state and history ask for huge pages.
    """

    def __init__(self, memory: Memory, block_size: int = 256, prefetch_distance: int = 64, *, huge_pages: bool) -> None:
        self._memory = memory
        self._block_size = block_size
        self._prefetch_distance = prefetch_distance
        self._huge_pages = huge_pages
        self._workspace: Workspace | None = None

    def start(self, sensors: Sensors, retain: int) -> None:
        """Choose and build the lookup, lay out the state, load or compile the loops."""
        from implementations.kernels import fused
        from implementations.kernels.workspace import Workspace, statistics_columns

        self.stop()
        self._memory.start(len(sensors), retain)
        self._workspace = Workspace.alone(
            sensors, retain, block=self._block_size, prefetch_distance=self._prefetch_distance, huge=self._huge_pages
        )
        self._process, self._close = fused.entry(fused.process), fused.entry(fused.close)
        self._columns = partial(statistics_columns, len(sensors), self._memory.lend)

    def process(self, readings: Readings) -> Floats:
        """Do all five steps for the batch; nothing is deferred."""
        plan = self._begin("process").plan
        count = len(readings)
        output: Floats = self._memory.lend(count + 16, np.float32)[:count]
        plan["output"], plan["length"] = output.ctypes.data, count
        self._process(plan, readings.sensor_id, readings.time, readings.value)
        return output

    def close_window(self) -> Statistics:
        """Copy the window out and clear it, in one pass."""
        plan = self._begin("close_window").plan
        self._memory.close_window()
        unmatched, invalid = int(plan["unmatched"][0]), int(plan["invalid"][0])
        count, total, extremes = self._columns()
        self._close(plan, count, total, extremes)
        minimum, maximum, last = extremes
        return Statistics(count, total, minimum, maximum, last, unmatched, invalid)

    def history(self) -> History:
        """Copy the ring."""
        return self._begin("history").history()

    def stop(self) -> None:
        """Drop state, history and buffers."""
        self._workspace = None
        self._memory.stop()

    def facts(self) -> Mapping[str, float | int | str]:
        """What the memory part has to tell."""
        return self._memory.facts()

    def _begin(self, method: str) -> "Workspace":
        if self._workspace is None:
            raise not_started(self, method)
        self._memory.reclaim()
        return self._workspace
