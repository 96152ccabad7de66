"""The generator of an open loop: hands out what was meant to have arrived, and keeps account of its own lateness."""

import bisect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings
from harness.measure.load.schedule import Schedule
from harness.measure.processes.clock import cpu_ns, now_ns, sleep_s
from harness.statistics.histogram import Histogram
from harness.stream import Stream

POLL_S = 30e-6
"""How long to sleep between polls; with what the system adds (50 microseconds by default) below 0.1 ms."""

_POLL_NS = round(POLL_S * 1e9)
_SPIN_NS = 300_000
"""Waits up to this long are spun through, for a sleep may end this much late."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The clock and the two ways of waiting: until a moment, exactly; or for a little, leaving the CPU to others.

    Parameters
    ----------
    now_ns
        What time it is.
    until_ns
        Waits until the clock shows this and returns what it then shows.
    rest_s
        Sleeps about that long.
    cpu_ns
        What CPU time this process has used, all its threads together.
    """

    now_ns: Callable[[], int]
    until_ns: Callable[[int], int]
    rest_s: Callable[[float], None]
    cpu_ns: Callable[[], int] = cpu_ns


def real_pace() -> Pace:
    """The pace of this machine: sleeps through long waits, spins through the end of them."""
    from harness.measure.load.kernels import spin_until

    spin_until(0)  # compiles

    def until_ns(moment_ns: int) -> int:
        left_ns = moment_ns - now_ns()
        if left_ns > _SPIN_NS:
            sleep_s((left_ns - _SPIN_NS) / 1e9)
        return spin_until(moment_ns)  # type: ignore[no-any-return]

    return Pace(now_ns, until_ns, sleep_s)


class Content:
    """One pass of readings to hand out again and again, and where windows end in it.

    Parameters
    ----------
    stream : Stream
    layout : "arrays" or "records"
        Contiguous copies, or strided views of the mapped file.
    most : int
        Readings beyond this are never asked for, and not copied.
    """

    def __init__(self, stream: Stream, layout: str, most: int) -> None:
        records = stream.records[: min(len(stream), most)]
        views = (records["sensor_id"], records["time"], records["value"])
        arrays = views if layout == "records" else tuple(np.ascontiguousarray(view) for view in views)
        self._sensor_id, self._time, self._value = (_read_only(array) for array in arrays)
        self.length = len(stream)
        self._ends = [stream.positions_of_window(window)[1] for window in range(len(stream.window_ends))]

    def part(self, first: int, end: int) -> Readings:
        """The readings from position `first` to `end`, which must lie in one pass; a view."""
        shift = first - first % self.length
        part = slice(first - shift, end - shift)
        return Readings.trusted(self._sensor_id[part], self._time[part], self._value[part])

    def window_end(self, position: int) -> int:
        """Where the window ends that holds the reading at `position` of the endless stream."""
        return self.window(position)[1]

    def window(self, position: int) -> tuple[int, int]:
        """Where the window begins and ends that holds the reading at `position` of the endless stream."""
        passes, within = divmod(position, self.length)
        place = bisect.bisect_right(self._ends, within)
        first = passes * self.length
        return first + (self._ends[place - 1] if place else 0), first + self._ends[place]


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


class Generator:
    """Hands out, batch by batch, the readings of a schedule that have arrived.

    Parameters
    ----------
    schedule : Schedule
    content : Content
    batch : int
        Most readings handed out at once.
    pace : Pace
    interval_ns : int
        0: whatever has arrived is handed out at once. Else only at multiples of this, or when a batch is full:
        micro-batches.

    Attributes
    ----------
    given : int
        Readings handed out so far.
    slip : Histogram
        How late the generator itself was, for every reading that came while it was idle.
    rested_ns : int
        How long it was idle.
    """

    def __init__(self, schedule: Schedule, content: Content, batch: int, pace: Pace, interval_ns: int = 0) -> None:
        self.given = 0
        self.slip = Histogram()
        self.rested_ns = 0
        self._schedule = schedule
        self._content = content
        self._batch = batch
        self._pace = pace
        self._interval_ns = interval_ns
        self._arrived_by = schedule.counter()
        self._began_ns = 0
        self._until_ns = 0

    def begin(self, began_ns: int, until_ns: int) -> None:
        """The schedule begins at `began_ns` by the clock; from `until_ns` on nothing is handed out any more."""
        self._began_ns, self._until_ns = began_ns, until_ns

    def take(self, most: int, *, owed: bool) -> Readings | None:
        """The next readings, 1 to `most`; none after a moment if values are owed and nothing comes; None at the end.

        Without values owed it waits until something has arrived.
        """
        if self.given == self._schedule.total:
            return None
        elapsed_ns = self._pace.now_ns() - self._began_ns
        ready = self._ready(elapsed_ns)
        if ready <= self.given:
            asked_ns = elapsed_ns
            if owed:
                used_ns = self._pace.cpu_ns()
                self._pace.rest_s(POLL_S)
                due_ns = asked_ns + _POLL_NS + self._pace.cpu_ns() - used_ns
                elapsed_ns = self._pace.now_ns() - self._began_ns
                ready = self._ready(elapsed_ns)
            else:
                due_ns = self._due_ns()
                elapsed_ns = self._pace.until_ns(self._began_ns + due_ns) - self._began_ns
                ready = max(self._ready(elapsed_ns), self.given + 1)
            self.rested_ns += elapsed_ns - asked_ns
            if ready <= self.given:
                return Readings.empty()
            self._note_slip(ready, due_ns, elapsed_ns)
        if elapsed_ns + self._began_ns >= self._until_ns:
            return None
        first = self.given
        end = min(ready, first + self._batch, first + most, first - first % self._content.length + self._content.length)
        self.given = end
        return self._content.part(first, end)

    def _ready(self, elapsed_ns: int) -> int:
        """How many readings may have been handed out by then."""
        arrived = self._arrived_by(elapsed_ns)
        if not self._interval_ns or arrived - self.given >= self._batch:
            return arrived
        return self._arrived_by(elapsed_ns - elapsed_ns % self._interval_ns)

    def _due_ns(self) -> int:
        """When the next reading is to be handed out."""
        arrival_ns = self._schedule.arrival_ns(self.given)
        if not self._interval_ns:
            return arrival_ns
        tick_ns = -(-arrival_ns // self._interval_ns) * self._interval_ns
        last = self.given + self._batch - 1
        return min(tick_ns, self._schedule.arrival_ns(last)) if last < self._schedule.total else tick_ns

    def _note_slip(self, ready: int, due_ns: int, elapsed_ns: int) -> None:
        """Count how late it is with each reading that came while it rested; before `due_ns` none could be handed out.

        The end of a rest is such a moment too: that a poll comes so much later than the reading is the protocol's
        doing and counts as latency alone. So is what the implementation's own threads have worked meanwhile.
        """
        if self._interval_ns:
            self.slip.record_sorted(np.array([max(due_ns, self._due_ns())], np.int64), elapsed_ns)
            return
        for shift_ns, arrivals_ns in self._schedule.pieces(self.given, ready):
            self.slip.record_sorted(np.maximum(arrivals_ns, due_ns - shift_ns), elapsed_ns - shift_ns)
