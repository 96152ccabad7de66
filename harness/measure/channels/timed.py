"""What the sides of a channel do while a clock runs: pour and drain, or hand over at a pace."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np

from harness.contract import Readings
from harness.errors import ChannelError
from harness.measure.channels.side import Answer, Side
from harness.measure.channels.tagged import tagged
from harness.measure.processes.clock import now_ns, sleep_s

_SPUN_NS = 100_000
"""Waits are slept through until so long before their end: a channel's own threads need this CPU, too."""


def stage(side: Side, *, batch: int, batches: int) -> Answer:
    """Make the batches that the producer puts in from now on, one after the other, again and again."""
    content = tagged(side.seed, 0, batch * batches)
    columns = (content.sensor_id.copy(), content.time.copy(), content.value.copy())
    side.kept["batches"] = cycle(list(Readings(*columns).batches(batch)))
    return {}


def begin(side: Side, *, most: int) -> Answer:
    """Begin a new count of what the consumer is handed, up to `most` readings at a time."""
    from harness.measure.channels.kernels import add_up

    side.kept["sums"], side.kept["most"] = np.zeros(3, np.uint64), most
    side.kept["add_up"] = add_up
    return {}


def pour(side: Side, *, batches: int) -> Answer:
    """Put in so many of the staged batches as fast as they go; when the first call began."""
    put, staged = side.channel.put, side.kept["batches"]
    begin_ns = now_ns()
    for _ in range(batches):
        put(next(staged))
    return {"begin_ns": begin_ns}


def drain(side: Side, *, readings: int) -> Answer:
    """Get so many readings and read every bit of them; when the last had been read, and the sums until then."""
    get, most, sums, add_up = side.channel.get, side.kept["most"], side.kept["sums"], side.kept["add_up"]
    left = readings
    while left > 0:
        found = get(most)
        if found is None:
            raise ChannelError(f"the stream ended {left:,} readings too early")
        add_up(sums, found.sensor_id, found.time, found.value)
        left -= len(found)
    return {"end_ns": now_ns(), "sums": sums.tolist()}


def offer(side: Side, *, batches: int, interval_ns: int) -> Answer:
    """Put in one staged batch every `interval_ns`; when each was to be put in, when it was, and when that was done."""
    from harness.measure.load.kernels import spin_until

    put, staged = side.channel.put, side.kept["batches"]
    times = np.empty((batches, 3), np.int64)
    first_ns = now_ns() + 10 * interval_ns
    for index, batch in enumerate(_next(staged, batches)):
        due_ns = first_ns + index * interval_ns
        left_ns = due_ns - now_ns() - _SPUN_NS
        if left_ns > 0:
            sleep_s(left_ns / 1e9)
        called_ns = spin_until(due_ns)
        put(batch)
        times[index] = due_ns, called_ns, now_ns()
    return {"times": times}


def receive(side: Side, *, readings: int) -> Answer:
    """Get so many readings as they come; when each call returned, how many it brought, and the sums."""
    get, most, sums, add_up = side.channel.get, side.kept["most"], side.kept["sums"], side.kept["add_up"]
    moments: list[tuple[int, int]] = []
    left = readings
    while left > 0:
        found = get(most)
        moment_ns = now_ns()
        if found is None:
            raise ChannelError(f"the stream ended {left:,} readings too early")
        add_up(sums, found.sensor_id, found.time, found.value)
        left -= len(found)
        moments.append((moment_ns, len(found)))
    return {"moments": np.array(moments, np.int64), "sums": sums.tolist()}


def _next(staged: Iterator[Any], count: int) -> Iterator[Any]:
    return (next(staged) for _ in range(count))
