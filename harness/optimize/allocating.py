"""Allocating: how much faster a buffer comes from a pool than from the allocator."""

import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from harness.discovery import find
from harness.measure.processes.affinity import Elsewhere
from harness.measure.processes.handle import Limits, Worker
from harness.measure.speed.throughput import cpus_for
from harness.optimize.scale import Progress
from harness.statistics.intervals import t_interval

ALLOCATING_KIND = "allocating"
BUFFERS, VALUES = 10_000, 1_000
"""The study's pool."""

SOURCES = {
    "part: fresh": "implementations.parts.memory:Fresh",
    "part: reused": "implementations.parts.memory:Reused",
    "part: pooled": "implementations.parts.memory:Pooled",
    "part: arena": "implementations.parts.memory:Arena",
}
FRESH = "fresh"
PATTERNS = ("singly", "together")

_HOST = "object_pooled"
_PROCESSES = 6
_REPEATS = 20
_DEADLINE_S = 120.0


def carry_out(limits: Limits, seed: int, progress: Progress) -> Iterator[dict[str, Any]]:
    """Time every source of buffers by turns in fresh processes and hand out one record.

    A process gives one ratio a source: the median time of a fresh array over the median time of its own. The ratio
    reported is the mean of their logarithms, with Student's interval at 95%.
    """
    rng = random.Random(seed)
    cpus = cpus_for("one", 1)
    medians_ns: dict[str, list[float]] = {}
    for number in range(_PROCESSES):
        progress(f"taking buffers and giving them back, process {number + 1} of {_PROCESSES}")
        request = {"buffers": BUFFERS, "values": VALUES, "repeats": _REPEATS, "sources": SOURCES}
        own = Limits(memory_bytes=limits.memory_bytes, cpus=cpus, hash_seed=rng.randrange(1, 2**32))
        with Elsewhere(cpus), Worker(find("processors", _HOST), own) as worker:
            reply = worker.ask("allocate", {**request, "seed": rng.randrange(2**32)}, deadline_s=_DEADLINE_S)
        for name, times_ns in reply.arrays.items():
            medians_ns.setdefault(name, []).append(float(np.median(times_ns)) / BUFFERS)
    yield {
        "kind": ALLOCATING_KIND,
        "buffers": BUFFERS,
        "values": VALUES,
        "processes": _PROCESSES,
        "ways": [_way(name, times_ns, medians_ns) for name, times_ns in medians_ns.items()],
    }


def _way(name: str, times_ns: list[float], medians_ns: dict[str, list[float]]) -> dict[str, Any]:
    way, _, pattern = name.partition("|")
    fresh_ns = medians_ns[f"{FRESH}|{pattern}"]
    ratio = None
    if way != FRESH:
        found = t_interval(np.log(np.array(fresh_ns) / np.array(times_ns)), 0.95)
        ratio = {"median": math.exp(found.estimate), "low": math.exp(found.low), "high": math.exp(found.high)}
    return {"way": way, "pattern": pattern, "ns": times_ns, "speed_up": ratio}
