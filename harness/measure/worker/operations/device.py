"""Long windows on the clock with the input where it is asked to be: pageable, registered, or on the device already.

Batches are staged, or placed on the device, once and before the clock starts: a device goes on working while the clock
of its host stands still. A timed window is as many passes over them as take the time that is asked for, so that closing
it, which costs the same whatever it holds, is not what is measured. It ends with `flush` and `close_window` (of placed
readings, `synchronize` and `close_window`), which wait for the whole device: nothing is left under way when the clock
stops.
"""

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness.contract import Accelerated, Processor, Readings, Statistics
from harness.errors import ContractError
from harness.measure.processes.clock import now_ns
from harness.measure.processes.messages import Message
from harness.measure.speed.audited import Audited, audited, counted, counts_of
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.host import Host

MOST_IN_WINDOW = 1 << 31
"""Readings of a timed window, at most."""

_ATTEMPTS = 3
_MARGIN = 1.2


class _Source(Protocol):
    """Staged batches that can be passed over again and again."""

    readings: int

    def one_pass(self) -> int:
        """Pass over all of them; nanoseconds on the clock."""

    def close(self) -> tuple[int, Statistics]:
        """End the window: nanoseconds on the clock, and its statistics."""


class _HandedOver:
    """Batches on the host, whose values come back."""

    def __init__(self, processor: Processor, batches: list[Readings]) -> None:
        self._processor, self._batches = processor, batches
        self.readings = sum(map(len, batches))
        self._owed = 0

    def one_pass(self) -> int:
        spent_ns = 0
        for batch in self._batches:
            began_ns = now_ns()
            values = self._processor.process(batch)
            spent_ns += now_ns() - began_ns
            self._owed += len(batch) - counted(values)
        return spent_ns

    def close(self) -> tuple[int, Statistics]:
        began_ns = now_ns()
        values = self._processor.flush()
        statistics = self._processor.close_window()
        spent_ns = now_ns() - began_ns
        self._owed -= counted(values)
        if self._owed:
            raise ContractError(f"handed back {-self._owed:+,} values more or less than it was given readings")
        return spent_ns, statistics


class _Placed:
    """Batches on the device, whose values stay there."""

    def __init__(self, processor: Accelerated, batches: list[Readings]) -> None:
        self._processor = processor
        self.readings = sum(map(len, batches))
        self.placed = [processor.place(batch) for batch in batches]
        processor.synchronize()

    def one_pass(self) -> int:
        began_ns = now_ns()
        for one in self.placed:
            self._processor.pass_over(one)
        return now_ns() - began_ns

    def close(self) -> tuple[int, Statistics]:
        began_ns = now_ns()
        self._processor.synchronize()
        statistics = self._processor.close_window()
        return now_ns() - began_ns, statistics


def run(host: Host, request: Message) -> Message:
    """Time `repeats` windows of at least `least_s`, with the input at `input`; ask ``warm_up`` first.

    What is passed over is whole windows of the stream: as many as have `staged_readings`, or as take `least_s` where
    that is fewer.

    Answers with `timed_ns` and `readings` of each repeat; with one window of the stream, audited and off the clock;
    with the counts of one pass and of the last timed window and how many `passes` that had; and, of an accelerated
    processor, with what took the device's time in the one pass (`spent_s`, `traced_readings`).
    """
    feed: Feed = host.kept["feed"]
    where, processor = request.values["input"], host.running()
    least_ns = int(request.values["least_s"] * 1e9)
    if where != "pageable" and not isinstance(processor, Accelerated):
        raise ContractError(f"{type(processor).__name__} takes no {where} input; expected an Accelerated processor")
    in_a_window = len(feed.stream) / len(feed.stream.window_ends)
    most = math.ceil(request.values["staged_readings"] / in_a_window)
    if where == "registered":
        _register(host, feed, most)
    (found, found_arrays), took_ns = _audited(processor, feed, where)
    windows = min(most, math.ceil(least_ns / took_ns))
    source = _source(processor, [batch for batches in feed.take(windows)[1] for batch in batches], where)
    if isinstance(processor, Accelerated):
        processor.trace(on=True)
    once, once_count = _counts(_window(source, 1)[1])
    values: dict[str, Any] = {"audited": found}
    if isinstance(processor, Accelerated):
        values |= {"spent_s": dict(processor.trace(on=False)), "traced_readings": source.readings}
    passes = _passes(source, least_ns)
    timed_ns = []
    for _ in range(int(request.values["repeats"])):
        spent_ns, statistics = _window(source, passes)
        timed_ns.append(spent_ns)
    timed, timed_count = _counts(statistics)
    values |= {"passes": passes, "once": once, "timed": timed, "staged": source.readings}
    arrays = {
        "timed_ns": np.array(timed_ns, np.int64),
        "readings": np.full(len(timed_ns), passes * source.readings, np.int64),
        "once_count": once_count,
        "timed_count": timed_count,
    }
    return Message(values, arrays | found_arrays)


def _source(processor: Processor, batches: list[Readings], where: str) -> _Source:
    if where != "resident":
        return _HandedOver(processor, batches)
    assert isinstance(processor, Accelerated)
    return _Placed(processor, batches)


def _window(source: _Source, passes: int) -> tuple[int, Statistics]:
    """One window of `passes` over what is staged: nanoseconds on the clock, and its statistics."""
    spent_ns = sum(source.one_pass() for _ in range(passes))
    closing_ns, statistics = source.close()
    return spent_ns + closing_ns, statistics


def _passes(source: _Source, least_ns: int) -> int:
    """How many passes take `least_ns`, found by trying."""
    passes = 1
    for _ in range(_ATTEMPTS):
        spent_ns, _ = _window(source, passes)
        if spent_ns >= least_ns:
            break
        wanted = math.ceil(_MARGIN * passes * least_ns / spent_ns)
        passes = max(1, min(wanted, MOST_IN_WINDOW // source.readings))
    return passes


def _counts(statistics: Statistics) -> tuple[dict[str, int], NDArray[np.int64]]:
    """Rejected and accepted readings, copied at once: statistics are only valid until the next call."""
    return counts_of(statistics), statistics.count.copy()


def _register(host: Host, feed: Feed, windows: int) -> None:
    """Page-lock the buffers that batches are staged in, once."""
    processor = host.running()
    assert isinstance(processor, Accelerated)
    if feed.layout != "arrays":
        raise ContractError(f"{type(processor).__name__} is fed records; expected arrays, which can be registered")
    if host.kept.get("registered") is not processor:
        feed.reserve(windows)
        for array in feed.buffers():
            processor.register(array)
        host.kept["registered"] = processor


def _audited(processor: Processor, feed: Feed, where: str) -> tuple[Audited, int]:
    """One window of the stream: what it handed back, and nanoseconds on the clock."""
    (window,), (batches,) = feed.take(1)
    if where != "resident":
        timing = Timing()
        found = run_window(processor, window, batches, timing, audit=True)
        assert found is not None
        return found, timing.timed_ns
    assert isinstance(processor, Accelerated)
    source = _Placed(processor, batches)
    took_ns, statistics = _window(source, 1)
    values = np.concatenate([processor.values_of(one) for one in source.placed])
    return audited(window.first_position, window.batch_lengths, values, statistics), took_ns
