"""Windows on the clock with the input where it is asked to be: pageable, registered, or on the device already.

What is timed ends with `flush` and `close_window` (of placed readings, `synchronize` and `close_window`), which wait
for the whole device: nothing is left under way when the clock stops. All batches of a window are staged or placed
before it starts, since a device goes on working while the clock of its host stands still.
"""

from typing import Any

import numpy as np

from harness.contract import Accelerated
from harness.contract.data import arrays_of
from harness.errors import ContractError
from harness.measure.processes.clock import now_ns
from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.host import Host

Taken = tuple[int, int, dict[str, Any] | None]
"""Readings and nanoseconds of a window, and what it handed back if it was audited."""


def run(host: Host, request: Message) -> Message:
    """Feed `repeats` times as many windows as take `least_s`, with the input at `input`; ask ``warm_up`` first.

    Answers with `timed_ns` and `readings` of each repeat; with one more window, audited and off the clock; and, of an
    accelerated processor, with what took the device's time in yet another (`spent_s`, `traced_readings`).
    """
    feed: Feed = host.kept["feed"]
    where, processor = request.values["input"], host.running()
    if where != "pageable" and not isinstance(processor, Accelerated):
        raise ContractError(f"{type(processor).__name__} takes no {where} input; expected an Accelerated processor")
    if where == "registered":
        _register(host, feed)
    once = _placed if where == "resident" else _handed_over
    timed_ns, readings = [], []
    for _ in range(int(request.values["repeats"])):
        spent_ns = counted = 0
        while spent_ns < request.values["least_s"] * 1e9:
            more, took_ns, _ = once(host, feed, audit=False)
            counted += more
            spent_ns += took_ns
        timed_ns.append(spent_ns)
        readings.append(counted)
    audited = once(host, feed, audit=True)[2]
    assert audited is not None
    arrays = {"timed_ns": np.array(timed_ns, np.int64), "readings": np.array(readings, np.int64)}
    arrays |= audited.pop("arrays")
    values: dict[str, Any] = {"audited": audited}
    if isinstance(processor, Accelerated):
        processor.trace(on=True)
        traced = once(host, feed, audit=False)[0]
        values |= {"spent_s": dict(processor.trace(on=False)), "traced_readings": traced}
    return Message(values, arrays)


def _register(host: Host, feed: Feed) -> None:
    """Page-lock the buffers that batches are staged in, once."""
    processor = host.running()
    assert isinstance(processor, Accelerated)
    if feed.layout != "arrays":
        raise ContractError(f"{type(processor).__name__} is fed records; expected arrays, which can be registered")
    if host.kept.get("registered") is not processor:
        feed.reserve(1)
        for array in feed.buffers():
            processor.register(array)
        host.kept["registered"] = processor


def _handed_over(host: Host, feed: Feed, *, audit: bool) -> Taken:
    """One window from the host and back."""
    (window,), (batches,) = feed.take(1)
    timing = Timing()
    audited = run_window(host.running(), window, batches, timing, audit=audit)
    return window.readings, timing.timed_ns, audited


def _placed(host: Host, feed: Feed, *, audit: bool) -> Taken:
    """One window that is placed on the device before the clock starts; its values stay there."""
    processor = host.running()
    assert isinstance(processor, Accelerated)
    (window,), (batches,) = feed.take(1)
    placed = [processor.place(batch) for batch in batches]
    processor.synchronize()
    began_ns = now_ns()
    for one in placed:
        processor.pass_over(one)
    processor.synchronize()
    statistics = processor.close_window()
    took_ns = now_ns() - began_ns
    if not audit:
        return window.readings, took_ns, None
    arrays = {name: array.copy() for name, array in arrays_of(statistics).items()}
    arrays["values"] = np.concatenate([processor.values_of(one) for one in placed])
    about: dict[str, Any] = {"first_position": window.first_position, "batch_lengths": list(window.batch_lengths)}
    about |= {"unmatched": int(statistics.unmatched), "invalid": int(statistics.invalid), "arrays": arrays}
    return window.readings, took_ns, about
