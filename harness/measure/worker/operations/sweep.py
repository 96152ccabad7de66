"""Sweep: windows one after the other on the clock, each staged when it is its turn.

Unlike ``sample``, which stages all its windows at once, memory in use does not grow with their number: cost against
readings is then not a matter of which cache the input fits.
"""

import numpy as np

from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Feed the next `windows` windows, `repeats` times; copy what the window at `audit` (or none) hands back.

    Ask ``warm_up`` first. Answers with the nanoseconds of each repeat, `timed_ns`, and how many of them the calls of
    `process` alone took, `process_ns`; with the readings of each, and the audited window.
    """
    feed: Feed = host.kept["feed"]
    audit = request.values.get("audit")
    timed_ns, process_ns, readings = [], [], []
    audited = None
    turn = 0
    for _ in range(int(request.values["repeats"])):
        timing = Timing()
        for _ in range(int(request.values["windows"])):
            windows, staged = feed.take(1)
            audited = run_window(host.running(), windows[0], staged[0], timing, audit=turn == audit) or audited
            turn += 1
        timed_ns.append(timing.timed_ns)
        process_ns.append(sum(timing.service_ns))
        readings.append(timing.readings)
    arrays = {name: np.array(values, np.int64) for name, values in (
        ("timed_ns", timed_ns), ("process_ns", process_ns), ("readings", readings)
    )}  # fmt: skip
    if audited is None:
        return Message({}, arrays)
    return Message({"audited": {key: audited[key] for key in audited if key != "arrays"}}, arrays | audited["arrays"])
