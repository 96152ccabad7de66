"""How Linux lays its counters out in text: for each file, where the numbers stand and what they are called.

A layout is a function from the lines of a file, each with the position of its first word among all words, to
entries. It runs once; from then on only the words at those positions are looked at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Lines = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A number in a file: its name, which word it is, whether it only grows, and which word heads its row."""

    name: str
    word: int
    grows: bool
    head: int


Layout = Callable[[Lines], Iterator[Entry]]

_CPU = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice")
_DISK = (
    "reads", "reads_merged", "sectors_read", "read_ms", "writes", "writes_merged", "sectors_written", "write_ms",
    "in_flight", "io_ms", "weighted_ms", "discards", "discards_merged", "sectors_discarded", "discard_ms",
    "flushes", "flush_ms",
)  # fmt: skip
_NET = (
    "rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "rx_fifo", "rx_frame", "rx_compressed", "rx_multicast",
    "tx_bytes", "tx_packets", "tx_errors", "tx_dropped", "tx_fifo", "tx_collisions", "tx_carrier", "tx_compressed",
)  # fmt: skip
_SCHED = ("yields", "legacy", "schedules", "idle_schedules", "wakeups", "local_wakeups", "run_ns", "wait_ns", "slices")
_LOAD = ("load_1min", "load_5min", "load_15min", "runnable", "threads", "last_pid")


def _row(first: int, head: int, prefix: str, names: tuple[str, ...], count: int, levels: str = "") -> Iterator[Entry]:
    for offset, name in enumerate(names[:count]):
        yield Entry(f"{prefix}/{name}", first + offset, name not in levels.split(), head)


def stat(lines: Lines) -> Iterator[Entry]:
    """``/proc/stat``: time by CPU and mode in ticks, context switches, forks, runnable and blocked processes."""
    for first, words in lines:
        label = words[0]
        if label.startswith("cpu"):
            yield from _row(first + 1, first, label, _CPU, len(words) - 1)
        elif label != "btime" and len(words) > 1:
            yield Entry(label, first + 1, not label.startswith("procs_"), first)


def by_cpu(lines: Lines) -> Iterator[Entry]:
    """``/proc/interrupts`` and ``/proc/softirqs``: a row a kind, a column a CPU."""
    _, cpus = next(lines, (0, []))
    for first, words in lines:
        numbers = words[1 : 1 + len(cpus)]
        while numbers and not numbers[-1].isdigit():
            numbers.pop()
        tail = words[-1] if len(words) > 1 + len(numbers) else ""
        label = f"{words[0]} {tail}".strip()
        for offset, _ in enumerate(numbers):
            cpu = cpus[offset] if len(numbers) == len(cpus) else "all"
            yield Entry(f"{label}/{cpu}", first + 1 + offset, True, first)


def meminfo(lines: Lines) -> Iterator[Entry]:
    """``/proc/meminfo``: levels in KiB."""
    for first, words in lines:
        if len(words) > 1:
            yield Entry(words[0], first + 1, False, first)


def vmstat(lines: Lines) -> Iterator[Entry]:
    """``/proc/vmstat``: levels in pages are called ``nr_``, the others count events."""
    for first, words in lines:
        if len(words) == 2:
            yield Entry(words[0], first + 1, not words[0].startswith("nr_"), first)


def diskstats(lines: Lines) -> Iterator[Entry]:
    """``/proc/diskstats``: by device."""
    for first, words in lines:
        if len(words) > 3:
            yield from _row(first + 3, first + 2, words[2], _DISK, len(words) - 3, "in_flight")


def net_dev(lines: Lines) -> Iterator[Entry]:
    """``/proc/net/dev``: by interface."""
    for first, words in lines:
        if len(words) == 1 + len(_NET) and words[1].isdigit():
            yield from _row(first + 1, first, words[0], _NET, len(_NET))


def snmp(lines: Lines) -> Iterator[Entry]:
    """``/proc/net/snmp``: a line of names and a line of numbers for each protocol."""
    for (_, names), (first, words) in zip(lines, lines, strict=False):
        for offset, name in enumerate(names[1 : len(words)], 1):
            yield Entry(f"{words[0]}/{name}", first + offset, name != "CurrEstab", first)


def schedstat(lines: Lines) -> Iterator[Entry]:
    """``/proc/schedstat``: the scheduler's work by CPU."""
    for first, words in lines:
        if words[0].startswith("cpu"):
            yield from _row(first + 1, first, words[0], _SCHED, len(words) - 1)


def loadavg(lines: Lines) -> Iterator[Entry]:
    """``/proc/loadavg``: mean load, runnable threads, threads, the newest process."""
    for first, words in lines:
        yield from _row(first, first, "all", _LOAD, len(words), "load_1min load_5min load_15min runnable threads")


def pressure(lines: Lines) -> Iterator[Entry]:
    """``/proc/pressure/*``: share of time in percent, and microseconds, that some or all tasks were stalled."""
    for first, words in lines:
        for offset in range(1, len(words) - 1, 2):
            yield Entry(f"{words[0]}/{words[offset]}", first + offset + 1, words[offset] == "total", first)
