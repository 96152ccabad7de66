"""One sample: whole windows on the clock, one of them audited."""

import numpy as np

from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Feed the next `windows` windows; copy what the window at `audit` (or none) hands back.

    Answers with the time on the clock, the readings, the service time of each call, and the audited window.
    """
    feed: Feed = host.kept["feed"]
    audit = request.values.get("audit")
    windows, staged = feed.take(int(request.values["windows"]))
    timing = Timing()
    audited = None
    for index, (window, batches) in enumerate(zip(windows, staged, strict=True)):
        found = run_window(host.running(), window, batches, timing, audit=index == audit)
        audited = found or audited
    values = {"timed_ns": timing.timed_ns, "readings": timing.readings}
    arrays = {"service_ns": np.array(timing.service_ns, np.int64)}
    if audited is not None:
        arrays |= audited.pop("arrays")
        values["audited"] = audited
    return Message(values, arrays)
