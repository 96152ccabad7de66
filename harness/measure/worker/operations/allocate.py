"""What it takes to get a buffer and to give it back: fresh from the allocator, from a pool, from other sources."""

import importlib
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from harness.measure.processes.clock import now_ns
from harness.measure.processes.messages import Message
from harness.measure.worker.host import Host

Turn = Callable[[], object]


def run(host: Host, request: Message) -> Message:
    """Take and give back `buffers` buffers of `values` float32, `repeats` times in each way, by turns.

    The first two ways are the study's own kind: `fresh`, an array of zeros each time, and `pool`, a stack of arrays
    made beforehand, once as it is and once clearing each (`pool, cleared`), as a fresh one is clear. `sources` names
    others, MODULE:CLASS with the methods start, lend, reclaim and close_window. Each is timed in two patterns: one
    buffer after the other (`singly`), and all before the first is given back (`together`).

    Answers with int64[repeats] nanoseconds for each "way|pattern".
    """
    values = request.values
    buffers, size = int(values["buffers"]), int(values["values"])
    turns = _study_turns(buffers, size)
    for name, reference in values["sources"].items():
        module, _, made_by = reference.partition(":")
        source = getattr(importlib.import_module(module), made_by)()
        source.start(0, 0)
        for pattern, timed in (("singly", _source_singly), ("together", _source_together)):
            turns[f"{name}|{pattern}"] = partial(timed, source, buffers, size)
    taken: dict[str, list[int]] = {name: [] for name in turns}
    rng = random.Random(int(values["seed"]))
    for turn in turns.values():
        turn()
    for _ in range(int(values["repeats"])):
        for name in rng.sample(list(turns), len(turns)):
            began_ns = now_ns()
            turns[name]()
            taken[name].append(now_ns() - began_ns)
    return Message({}, {name: np.array(times_ns, np.int64) for name, times_ns in taken.items()})


def _study_turns(buffers: int, size: int) -> dict[str, Turn]:
    pool = [np.zeros(size, np.float32) for _ in range(buffers)]
    return {
        "fresh|singly": partial(_fresh_singly, buffers, size),
        "fresh|together": partial(_fresh_together, buffers, size),
        "pool|singly": partial(_pool_singly, pool, buffers),
        "pool|together": partial(_pool_together, pool, buffers),
        "pool, cleared|singly": partial(_cleared_singly, pool, buffers),
        "pool, cleared|together": partial(_cleared_together, pool, buffers),
    }


def _fresh_singly(buffers: int, size: int) -> None:
    zeros, kind = np.zeros, np.float32
    for _ in range(buffers):
        zeros(size, kind)


def _fresh_together(buffers: int, size: int) -> None:
    zeros, kind = np.zeros, np.float32
    held: list[Any] = []
    keep = held.append
    for _ in range(buffers):
        keep(zeros(size, kind))
    held.clear()


def _pool_singly(pool: list[Any], buffers: int) -> None:
    acquire, release = pool.pop, pool.append
    for _ in range(buffers):
        release(acquire())


def _pool_together(pool: list[Any], buffers: int) -> None:
    acquire, release = pool.pop, pool.append
    held: list[Any] = []
    keep = held.append
    for _ in range(buffers):
        keep(acquire())
    for buffer in held:
        release(buffer)


def _cleared_singly(pool: list[Any], buffers: int) -> None:
    acquire, release = pool.pop, pool.append
    for _ in range(buffers):
        buffer = acquire()
        buffer.fill(0)
        release(buffer)


def _cleared_together(pool: list[Any], buffers: int) -> None:
    acquire, release = pool.pop, pool.append
    held: list[Any] = []
    keep = held.append
    for _ in range(buffers):
        keep(acquire())
    for buffer in held:
        buffer.fill(0)
        release(buffer)


def _source_singly(source: Any, buffers: int, size: int) -> None:
    lend, reclaim, kind = source.lend, source.reclaim, np.float32
    for _ in range(buffers):
        lend(size, kind)
        reclaim()


def _source_together(source: Any, buffers: int, size: int) -> None:
    lend, kind = source.lend, np.float32
    held: list[Any] = []
    keep = held.append
    for _ in range(buffers):
        keep(lend(size, kind))
    held.clear()
    source.reclaim()
    source.close_window()
