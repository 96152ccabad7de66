"""The processor's and the kernel's counters around a piece of work in the current thread.

>>> with Counters() as counters:
...     total = sum(range(1000))
>>> counters.counts.value("task_clock_ns") > 0
True
"""

import fcntl
import os
import resource
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from harness.machine.perf_events import EVENTS, Event, Unavailable, open_event

_ENABLE, _DISABLE, _RESET = 0x2400, 0x2401, 0x2403
_WHOLE_GROUP = 1
_WORD = struct.Struct("=Q")
_LEAST_RUNNING_SHARE = 0.01
_T = TypeVar("_T")

GROUPS: tuple[tuple[str, ...], ...] = (
    ("instructions", "cycles", "branch_misses", "cache_misses"),
    ("l1d_misses", "dtlb_misses"),
    ("task_clock_ns", "page_faults", "context_switches", "cpu_migrations"),
)
"""Counted together: a processor has about four counters, and ratios within a group hold even when it takes turns."""


@dataclass(frozen=True, slots=True)
class Count:
    """One counter over the work.

    Parameters
    ----------
    value
        Scaled up where the counter was shared.
    running_share
        Part of the time it really counted; below 1 the value is an estimate.
    source
        ``perf`` or ``rusage``.
    """

    value: float
    running_share: float = 1.0
    source: str = "perf"


@dataclass(frozen=True, slots=True)
class Counts:
    """Every counter by name, or why there is none."""

    found: Mapping[str, Count | Unavailable]

    def value(self, name: str) -> float | None:
        """The value of `name`; None if it was not counted."""
        count = self.found.get(name)
        return count.value if isinstance(count, Count) else None

    def per(self, readings: int) -> dict[str, float | None]:
        """Every value divided by `readings`; None where not counted or where there were no readings."""
        values = {name: self.value(name) for name in self.found}
        return {name: value / readings if value is not None and readings else None for name, value in values.items()}

    def reasons(self) -> dict[str, Unavailable]:
        """Why counters are missing, by name."""
        return {name: count for name, count in self.found.items() if isinstance(count, Unavailable)}

    def as_dict(self) -> dict[str, Any]:
        """As plain data that JSON can hold: a value, or null with its reason."""
        return {
            name: {"value": count.value, "running_share": count.running_share, "source": count.source}
            if isinstance(count, Count)
            else {"value": None, "reason": count.reason, "remedy": count.remedy}
            for name, count in self.found.items()
        }


class Counters:
    """Count what the current thread does between `start` and `stop`, or within a ``with`` block.

    Only the calling thread is counted, compiled code that it calls included, other threads not. Hardware events
    count outside the kernel only, which needs no privilege on most systems. What the kernel does not hand out is
    Unavailable with the reason; processor time, page faults and context switches then come from getrusage(2).
    """

    def __init__(self) -> None:
        self.counts = Counts({})
        self._leaders: dict[int, list[str]] = {}
        self._members: list[int] = []
        self._missing: dict[str, Unavailable] = {}
        self._before: dict[str, float] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the counters and let them run."""
        self._close()
        self._missing = {}
        by_name = {event.name: event for event in EVENTS}
        for group in GROUPS:
            self._open([by_name[name] for name in group])
        self._before = _usage()
        for leader in self._leaders:
            fcntl.ioctl(leader, _RESET, _WHOLE_GROUP)
            fcntl.ioctl(leader, _ENABLE, 0)

    def stop(self) -> Counts:
        """Stop and close the counters; the counts stay in `counts`."""
        for leader in self._leaders:
            fcntl.ioctl(leader, _DISABLE, 0)
        used = {name: value - self._before.get(name, value) for name, value in _usage().items()}
        found: dict[str, Count | Unavailable] = dict(self._missing)
        try:
            for leader, names in self._leaders.items():
                found.update(parse_group(os.read(leader, 8 * (3 + len(names))), names))
        finally:
            self._close()
        for name, value in used.items():
            if not isinstance(found.get(name), Count):
                found[name] = Count(value, source="rusage")
        self.counts = Counts({event.name: found[event.name] for event in EVENTS if event.name in found})
        return self.counts

    def _open(self, events: Sequence[Event]) -> None:
        """Open `events` as one group; one that does not fit into it leads a group of its own."""
        leader = -1
        for event in events:
            descriptor = open_event(event, leader)
            if isinstance(descriptor, Unavailable) and leader >= 0:
                descriptor = open_event(event)
                if isinstance(descriptor, int):
                    self._leaders[descriptor] = [event.name]
                    continue
            if isinstance(descriptor, Unavailable):
                self._missing[event.name] = descriptor
            elif leader < 0:
                leader = descriptor
                self._leaders[leader] = [event.name]
            else:
                self._members.append(descriptor)
                self._leaders[leader].append(event.name)

    def _close(self) -> None:
        for descriptor in (*self._members, *self._leaders):
            os.close(descriptor)
        self._members, self._leaders = [], {}


def counted(work: Callable[[], _T]) -> tuple[_T, Counts]:
    """Do `work` in the current thread and return its answer with the counts."""
    with Counters() as counters:
        answer = work()
    return answer, counters.counts


def parse_group(raw: bytes, names: Sequence[str]) -> dict[str, Count | Unavailable]:
    """Counts of one group as read from its leader.

    The layout is that of perf_event_open(2) for PERF_FORMAT_GROUP with both times: number of counters, nanoseconds
    enabled, nanoseconds running, then one value each, all 64 bits wide.
    """
    words = [word for (word,) in _WORD.iter_unpack(raw[: len(raw) // 8 * 8])]
    if len(words) < 3 or words[0] != len(names) or len(words) < 3 + words[0]:
        return dict.fromkeys(names, Unavailable("the kernel handed back an incomplete group"))
    _, enabled_ns, running_ns, *values = words
    return {name: scaled(value, enabled_ns, running_ns) for name, value in zip(names, values, strict=False)}


def scaled(value: int, enabled_ns: int, running_ns: int) -> Count | Unavailable:
    """A value as if its counter had run all the time it was enabled."""
    if running_ns <= 0:
        return Unavailable("its turn on the shared counters never came", "end other users of them, such as perf")
    share = min(1.0, running_ns / max(enabled_ns, 1))
    if share < _LEAST_RUNNING_SHARE:
        return Unavailable(f"it counted for {100 * share:.2f}% of the time only", "count a longer piece of work")
    return Count(value / share, share)


def _usage() -> dict[str, float]:
    """What the kernel has accounted to the current thread (to the process where threads are not told apart)."""
    who = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
    used = resource.getrusage(who)
    return {
        "task_clock_ns": float(time.thread_time_ns()),
        "page_faults": float(used.ru_minflt + used.ru_majflt),
        "context_switches": float(used.ru_nvcsw + used.ru_nivcsw),
    }
