"""Which counters are recorded: as many as can be read in a part of the period, fairly from every source."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workloads.counters import layouts
from workloads.counters.number_source import NumberSource, sensor_files
from workloads.counters.psutil_source import psutil_sources
from workloads.counters.source import Source
from workloads.counters.text_source import TextSource

MOST_SENSORS = 512
"""A few hundred: enough for a table that is not trivial, few enough for the slowest implementation."""

_FEW = 100
_TRIALS = 5
_PART_OF_PERIOD = 0.4
_PROC: tuple[tuple[str, layouts.Layout], ...] = (
    ("stat", layouts.stat),
    ("loadavg", layouts.loadavg),
    ("pressure/cpu", layouts.pressure),
    ("pressure/io", layouts.pressure),
    ("pressure/memory", layouts.pressure),
    ("meminfo", layouts.meminfo),
    ("vmstat", layouts.vmstat),
    ("diskstats", layouts.diskstats),
    ("net/dev", layouts.net_dev),
    ("net/snmp", layouts.snmp),
    ("softirqs", layouts.by_cpu),
    ("interrupts", layouts.by_cpu),
    ("schedstat", layouts.schedstat),
)


@dataclass(frozen=True, slots=True)
class Survey:
    """The sources to record, each giving only what was chosen of it, and what was left out and why."""

    sources: tuple[Source, ...]
    left_out: tuple[str, ...]

    def close(self) -> None:
        """Release the sources."""
        for source in self.sources:
            source.close()


def survey(period_s: float, most_sensors: int = MOST_SENSORS, makers: Sequence[Callable[[], Source]] = ()) -> Survey:
    """Open what there is, time it, and choose.

    Counters that are zero (a disk that is not there, an interrupt that never came) are left out while a hundred others
    remain. A source that does not fit into 40% of the period beside the ones before it is left out.

    Parameters
    ----------
    period_s
        Time from one sample to the next.
    makers
        What opens the sources; by default all that this system has.
    """
    opened, left_out, spent_s = [], [], 0.0
    for make in makers or list(available_sources()):
        try:
            source = make()
            cost_s, values = _cost(source)
        except OSError:
            continue
        if not source.counters:
            source.close()
        elif spent_s + cost_s > _PART_OF_PERIOD * period_s:
            left_out.append(f"{source.name}: takes {cost_s * 1e3:.2f} ms to read")
            source.close()
        else:
            spent_s += cost_s
            opened.append((source, values))
    live = [[index for index, value in enumerate(values) if value] for _, values in opened]
    if sum(map(len, live)) < _FEW:
        live = [list(range(len(values))) for _, values in opened]
    kept = []
    for (source, _), indexes, share in zip(opened, live, shares([*map(len, live)], most_sensors), strict=True):
        if share:
            source.select([indexes[step * len(indexes) // share] for step in range(share)])
            kept.append(source)
        else:
            source.close()
    return Survey(tuple(kept), tuple(left_out))


def shares(counts: Sequence[int], most: int) -> list[int]:
    """How many of each of `counts` to take for `most` in all: every one as many as any other, while it has them.

    >>> shares([10, 2, 100], 30)
    [10, 2, 18]
    >>> shares([10, 10], 100)
    [10, 10]
    """
    taken, left = [0] * len(counts), most
    waiting = sorted(range(len(counts)), key=lambda index: counts[index])
    for done, index in enumerate(waiting):
        taken[index] = min(counts[index], left // (len(waiting) - done))
        left -= taken[index]
    return taken


def available_sources() -> Iterator[Callable[[], Source]]:
    """What opens each source: the kernel's files where it has them, else psutil."""
    if not Path("/proc/stat").exists():
        yield from psutil_sources()
        return
    yield lambda: NumberSource("sensors", sensor_files())
    for name, layout in _PROC:
        yield _maker(name, layout)


def _maker(name: str, layout: layouts.Layout) -> Callable[[], Source]:
    return lambda: TextSource(name, Path("/proc") / name, layout)


def _cost(source: Source) -> tuple[float, list[float]]:
    """Median seconds of a sample, and the last one."""
    costs = []
    for _ in range(_TRIALS):
        started = time.perf_counter()
        values = source.sample()
        costs.append(time.perf_counter() - started)
    return statistics.median(costs), values
