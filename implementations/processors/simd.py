"""SIMD: the whole job in one compiled pass on vector registers."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np

from harness.contract import Approach, Choice, Floats, History, IntRange, Processor, Readings, Sensors, Statistics
from implementations.parts.started import not_started

if TYPE_CHECKING:
    from implementations.kernels.workspace import Workspace


class Simd(Processor):
    """One fused pass over blocks that stay in the first-level cache, sixteen readings at a time.

    Time O(1) a reading, O(S) a window; memory a cache line of 64 bytes a sensor, up to twice as many where its id is
    its place, 16 a retained reading. From 300,000 sensors on, 51 bytes a sensor and 8 for notes by which readings come
    to the records in their order.

    Parameters
    ----------
    block_size
        Readings a block, whose columns (28 bytes a reading) should leave room in the first-level cache. A batch of up
        to four blocks is not cut.
    prefetch_distance
        Readings ahead of which a sensor's cache line is fetched, where all of them are larger than the caches.
    huge_pages
        Ask for huge pages, so that a random record costs one cache miss and not an address translation as well.
    streaming
        Write the history past the caches.

    Examples
    --------
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], np.uint32), np.float32([2, 1]), np.float32([1, 0]))
    >>> simd = Simd()
    >>> simd.start(sensors, retain=2)
    >>> ids, times = np.array([9, 7, 8], np.uint32), np.array([10, 20, 30])
    >>> simd.process(Readings(ids, times, np.float32([0.5, 1.5, 2.5])))
    array([0.5, 4. , nan], dtype=float32)
    >>> simd.close_window().sum, simd.history().time
    (array([4. , 0.5]), array([10, 20]))
    """

    approach = Approach.HARDWARE

    def __init__(
        self,
        block_size: Annotated[int, IntRange(64, 8192, 16)] = 256,
        prefetch_distance: Annotated[int, IntRange(0, 512, 16)] = 64,
        huge_pages: Annotated[bool, Choice(False, True)] = True,
        streaming: Annotated[bool, Choice(False, True)] = True,
    ) -> None:
        self._block_size = block_size
        self._prefetch_distance = prefetch_distance
        self._huge_pages = huge_pages
        self._streaming = streaming
        self._workspace: Workspace | None = None

    def start(self, sensors: Sensors, retain: int) -> None:
        """Choose and build the lookup, lay out the state, load or compile the loops."""
        from implementations.kernels import fused
        from implementations.kernels.pages import zeroed_column
        from implementations.kernels.workspace import Workspace, statistics_columns

        self._workspace = Workspace.alone(
            sensors,
            retain,
            block=self._block_size,
            prefetch_distance=self._prefetch_distance,
            past_caches=self._streaming,
            huge=self._huge_pages,
        )
        self._plan = self._workspace.plan
        self._process = fused.entry(fused.process)
        self._close = fused.entry(fused.close)
        self._count, self._sum, self._extremes = statistics_columns(
            len(sensors), partial(zeroed_column, huge=self._huge_pages)
        )
        minimum, maximum, last = self._extremes
        self._statistics = Statistics(self._count, self._sum, minimum, maximum, last, 0, 0)
        self._unmatched, self._invalid = self._plan["unmatched"], self._plan["invalid"]
        self._output = self._nothing = np.empty(0, np.float32)
        self._fit(1024)

    def _fit(self, count: int) -> None:
        if count + 16 > len(self._output):
            self._output = np.empty(count + 16, np.float32)
            self._plan["output"] = self._output.ctypes.data
        self._plan["length"] = count
        self._ready = self._output[:count]

    def process(self, readings: Readings) -> Floats:
        """Do all five steps for the batch; nothing is deferred."""
        if self._workspace is None:
            raise not_started(self, "process")
        if not self._process(self._plan, readings.sensor_id, readings.time, readings.value):
            if len(readings) == 0:
                return self._nothing
            self._fit(len(readings))
            self._process(self._plan, readings.sensor_id, readings.time, readings.value)
        return self._ready

    def close_window(self) -> Statistics:
        """Copy the window out and clear it, in one pass."""
        if self._workspace is None:
            raise not_started(self, "close_window")
        statistics = self._statistics.again(int(self._unmatched[0]), int(self._invalid[0]))
        self._close(self._plan, self._count, self._sum, self._extremes)
        return statistics

    def history(self) -> History:
        """Copy the ring."""
        if self._workspace is None:
            raise not_started(self, "history")
        return self._workspace.history()

    def stop(self) -> None:
        """Drop state, history and buffers."""
        self._workspace = None
        for name in (
            "_plan",
            "_unmatched",
            "_invalid",
            "_output",
            "_nothing",
            "_ready",
            "_count",
            "_sum",
            "_extremes",
            "_statistics",
        ):
            self.__dict__.pop(name, None)

    def facts(self) -> Mapping[str, float | int | str]:
        """The widest registers that its machine code uses, and how it finds a sensor."""
        from implementations.kernels.registers import widest_registers

        if self._workspace is None:
            return {}
        return {"widest_registers": widest_registers(), "lookup": self._workspace.table.kind.name.lower()}
