"""Warm up: feed whole windows until enough calls, seconds and readings have gone by."""

import numpy as np

from harness.measure.processes.clock import now_ns
from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.facts import facts_of
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Feed at least `min_calls` calls, `min_s` seconds and `min_readings` readings, but stop after `most_s`.

    Answers with the ns a reading of each window, the first call's time, and whether all three were reached.
    """
    values = request.values
    processor, stream = host.running(), host.mapped()
    feed = host.kept["feed"] = Feed(stream, host.made_by.input_layout)
    timing = Timing()
    per_reading_ns = []
    began_ns = now_ns()
    enough = False
    while not enough and (now_ns() - began_ns) / 1e9 < values["most_s"]:
        windows, staged = feed.take(1)
        before_ns, before = timing.timed_ns, timing.readings
        run_window(processor, windows[0], staged[0], timing, audit=False)
        per_reading_ns.append((timing.timed_ns - before_ns) / (timing.readings - before))
        enough = (
            len(timing.service_ns) >= values["min_calls"]
            and timing.timed_ns / 1e9 >= values["min_s"]
            and timing.readings >= values["min_readings"]
        )
    return Message(
        {
            "calls": len(timing.service_ns),
            "windows": len(per_reading_ns),
            "timed_ns": timing.timed_ns,
            "readings": timing.readings,
            "first_call_ns": timing.service_ns[0] if timing.service_ns else None,
            "full": timing.readings >= values["min_readings"],
            "enough": enough,
            "facts": facts_of(processor),
        },
        {"per_reading_ns": np.array(per_reading_ns)},
    )
