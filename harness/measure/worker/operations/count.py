"""Count: the processor's own counters over whole windows, never while timing."""

from harness.measure.processes.messages import Message
from harness.measure.speed.counters import Counters
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Feed the next `windows` windows under the counters; ask ``warm_up`` first.

    Answers with `readings`, `counters` (value, or null with its reason) and `per_reading` (null where not counted).
    Staging the input is not counted; handing a batch over is, at about a microsecond a call. Only the calling thread
    is counted: of an implementation with threads of its own, `whole` is false and the counts are a part.
    """
    feed: Feed = host.kept["feed"]
    windows, staged = feed.take(int(request.values["windows"]))
    timing = Timing()
    with Counters() as counters:
        for window, batches in zip(windows, staged, strict=True):
            run_window(host.running(), window, batches, timing, audit=False)
    return Message(
        {
            "readings": timing.readings,
            "counters": counters.counts.as_dict(),
            "per_reading": counters.counts.per(timing.readings),
            "whole": host.made_by.threads == "one",
        }
    )
