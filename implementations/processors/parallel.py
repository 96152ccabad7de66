"""Parallel: the compiled pass on several threads, each on its own parts of a batch."""

import os
import threading
import weakref
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import (
    Approach,
    Choice,
    Floats,
    History,
    IntRange,
    LogRange,
    Processor,
    Readings,
    Sensors,
    Statistics,
    allowed_threads,
)
from implementations.parts.started import not_started

if TYPE_CHECKING:
    from implementations.kernels.workspace import Workspace

_LINE_BYTES = 128
"""Two cache lines, which the processor fetches as one."""
_MARK_BYTES = 16
_IDLE_NS = 300_000
_NEVER = 1 << 62


class Parallel(Processor):
    """What `simd` does, on as many threads as are allowed; a batch is shared, so no value lags behind.

    Time O(1) a reading over the threads, O(S * parts) a window; memory 64 bytes a sensor and part, from 300,000 sensors
    on half of it, 16 a retained reading.

    Parameters
    ----------
    parts
        Pieces that a batch is cut into, each with a window of its own; 0 for one a CPU of this machine. No more than
        so many threads can work. Answers depend on it in the last bits of a sum, and on the number of threads never.
    shared_from
        Readings from which a batch is shared; a smaller one is done by the calling thread alone.
    padded
        Each part on cache lines of its own. Without, the windows of all parts lie interleaved, sensor by sensor, and
        the threads' marks side by side: threads that share nothing then fight over every line (false sharing).
    block_size, prefetch_distance, huge_pages
        As for `simd`.

    Notes
    -----
    Between batches a thread spins for 0.3 ms, then sleeps. The statistics of the parts are brought together when the
    window closes, by ranges of rows, on all threads; which last value is the latest, a stamp beside it tells. Where
    readings are rejected, the ring is written with gaps between the parts, which are closed at once.

    Examples
    --------
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], np.uint32), np.float32([2, 1]), np.float32([1, 0]))
    >>> parallel = Parallel()
    >>> parallel.start(sensors, retain=2)
    >>> ids, times = np.array([9, 7, 8], np.uint32), np.array([10, 20, 30])
    >>> parallel.process(Readings(ids, times, np.float32([0.5, 1.5, 2.5])))
    array([0.5, 4. , nan], dtype=float32)
    >>> parallel.close_window().sum, parallel.history().time
    (array([4. , 0.5]), array([10, 20]))
    >>> parallel.stop()
    """

    approach = Approach.HARDWARE
    threads = "many"

    def __init__(
        self,
        parts: Annotated[int, IntRange(0, 256)] = 0,
        shared_from: Annotated[int, LogRange(64, 1_000_000)] = 8192,
        padded: Annotated[bool, Choice(False, True)] = True,
        block_size: Annotated[int, IntRange(64, 8192, 16)] = 256,
        prefetch_distance: Annotated[int, IntRange(0, 512, 16)] = 64,
        huge_pages: Annotated[bool, Choice(False, True)] = True,
    ) -> None:
        self._parts = parts or os.cpu_count() or 1
        self._shared_from = shared_from
        self._padded = padded
        self._block_size = block_size
        self._prefetch_distance = prefetch_distance
        self._huge_pages = huge_pages
        self._workspaces: list[Workspace] = []
        self._crew: _Crew | None = None

    def start(self, sensors: Sensors, retain: int) -> None:
        """Lay out lookup, windows and ring, load or compile the loops, and begin the threads."""
        from implementations.kernels import fused, team
        from implementations.kernels.layout import layouts_for
        from implementations.kernels.pages import zeroed_column, zeroed_pages
        from implementations.kernels.plan import PLAN_DTYPE
        from implementations.kernels.tables import table_for
        from implementations.kernels.workspace import Ring, Workspace, statistics_columns

        self.stop()
        parts, huge = self._parts, self._huge_pages
        self._board = zeroed_pages(team.JOB_DTYPE.itemsize, huge=False).view(team.JOB_DTYPE)
        self._marks = zeroed_pages(parts * self._pitch(_MARK_BYTES), huge=False)
        plan_bytes = self._pitch(PLAN_DTYPE.itemsize)
        plans = zeroed_pages((parts + 1) * plan_bytes, huge=False)
        table = table_for(sensors)
        round_readings = min(team.MOST_ROUND_READINGS, -(-max(self._shared_from, retain) // 16) * 16)
        ring = Ring(retain, round_readings, huge=huge)
        layouts = layouts_for(sensors, table, parts, padded=self._padded, huge=huge)
        for part in range(parts + 1):
            place = slice(part * plan_bytes, part * plan_bytes + PLAN_DTYPE.itemsize)
            workspace = Workspace(
                sensors,
                table,
                layouts[part % parts],
                retain,
                ring,
                block=self._block_size,
                prefetch_distance=self._prefetch_distance,
                plan=plans[place].view(PLAN_DTYPE),
            )
            self._workspaces.append(workspace)
        self._lead = self._workspaces[parts].plan
        job: dict[str, Any] = {
            "parts": parts,
            "shared_from": self._shared_from if parts > 1 else _NEVER,
            "round_readings": round_readings,
            "plans": plans.ctypes.data,
            "plan_bytes": plan_bytes,
            "marks": self._marks.ctypes.data,
            "mark_bytes": self._pitch(_MARK_BYTES),
            "stamp": 1,
        }
        for name, value in job.items():
            self._board[name] = value
        self._process, self._close = fused.entry(team.process), fused.entry(team.close)
        self._count, self._sum, self._extremes = statistics_columns(len(sensors), partial(zeroed_column, huge=huge))
        minimum, maximum, last = self._extremes
        self._statistics = Statistics(self._count, self._sum, minimum, maximum, last, 0, 0)
        self._grow(1024)
        self._crew = _Crew(self._board, min(allowed_threads(), parts) - 1, parts)
        self._plans = plans
        self._end_crew = weakref.finalize(self, self._crew.end)

    def _pitch(self, size_bytes: int) -> int:
        """From one thread's piece of `size_bytes` to the next."""
        return -(-size_bytes // _LINE_BYTES) * _LINE_BYTES if self._padded else size_bytes

    def _grow(self, count: int) -> None:
        self._output = np.empty(count + 16, np.float32)
        self._lead["output"] = self._output.ctypes.data

    def process(self, readings: Readings) -> Floats:
        """Do all five steps for the batch; nothing is deferred."""
        if self._crew is None:
            raise not_started(self, "process")
        count = len(readings)
        if count + 16 > len(self._output):
            self._grow(count)
        if count >= self._shared_from:
            self._crew.wake()
        self._process(self._board, readings.sensor_id, readings.time, readings.value)
        return self._output[:count]

    def close_window(self) -> Statistics:
        """Bring the parts together, hand the window out and clear it, in one pass."""
        if self._crew is None:
            raise not_started(self, "close_window")
        plans = [workspace.plan for workspace in self._workspaces]
        unmatched, invalid = (sum(int(plan[name][0]) for plan in plans) for name in ("unmatched", "invalid"))
        self._close(self._board, self._count, self._sum, self._extremes)
        return self._statistics.again(unmatched, invalid)

    def history(self) -> History:
        """Copy the ring."""
        if self._crew is None:
            raise not_started(self, "history")
        return self._workspaces[-1].history()

    def stop(self) -> None:
        """End the threads; drop state, history and buffers."""
        if self._crew is not None:
            self._end_crew()
        self._crew = None
        self._workspaces = []
        names = ("_lead", "_board", "_marks", "_plans", "_output", "_count", "_sum", "_extremes", "_statistics")
        for name in names:
            self.__dict__.pop(name, None)

    def facts(self) -> Mapping[str, float | int | str]:
        """Parts, threads, and the widest registers that its machine code uses."""
        from implementations.kernels.registers import widest_registers

        if self._crew is None:
            return {}
        return {
            "parts": self._parts,
            "working_threads": self._crew.size + 1,
            "widest_registers": widest_registers(),
        }


class _Crew:
    """The threads beside the caller's: they spin for jobs, and sleep when none comes."""

    def __init__(self, board: NDArray[np.void], size: int, parts: int) -> None:
        from implementations.kernels import fused, team

        self.size = max(0, size)
        self._board = board
        self._calls = [threading.Event() for _ in range(self.size)]
        self._asleep = [False] * self.size
        serve = fused.entry(team.serve)
        self._threads = [
            threading.Thread(
                target=_serve,
                args=(serve, board, (index + 1) * parts // (self.size + 1), index, self._calls[index], self._asleep),
                name=f"parallel-{index + 1}",
                daemon=True,
            )
            for index in range(self.size)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Call the sleepers; who is missed has no part in the next job, nothing worse."""
        for index, asleep in enumerate(self._asleep):
            if asleep:
                self._asleep[index] = False
                self._calls[index].set()

    def end(self) -> None:
        """End all threads and wait for them."""
        self._board["number"] = -1
        for call in self._calls:
            call.set()
        for thread in self._threads:
            thread.join()


def _serve(
    serve: Any, board: NDArray[np.void], own: int, index: int, call: threading.Event, asleep: list[bool]
) -> None:
    """The life of a thread: serve until idle, sleep until called."""
    while serve(board, own, _IDLE_NS):
        asleep[index] = True
        call.wait()
        call.clear()
