"""Memory of the real work: peak while it starts and runs, history's copy, what is retained, over time."""

import numpy as np

from harness.measure import resident
from harness.measure.clock import now_ns
from harness.measure.feed import Feed
from harness.measure.host import Host
from harness.measure.messages import Message
from harness.measure.pauses import Pauses
from harness.measure.windows import Timing, run_window

_MOST_POINTS = 200


def run(host: Host, request: Message) -> Message:
    """Start, feed whole windows until `min_readings` have gone by (but at most `most_s`), take all figures.

    The peak is that of the start and of every window, staging its input left out; where the input is used straight
    from the mapped file, the pages of one batch are in it, since they cannot be told from it at its highest.
    Ask ``memory_runtime`` first. Answers with resident sizes; the caller subtracts the runtime.
    """
    feed: Feed = host.kept["feed"]
    retain = int(request.values["retain"])
    resident.reset_peak()
    began_ns = now_ns()
    processor = host.make()
    host.start(processor, host.mapped().sensors, retain)
    timing = Timing()
    times_s, sizes = [], []
    peak = resident.peak_bytes()
    children = mapped = 0
    mapped_before = resident.mapped_now_bytes() or 0

    def after_call() -> None:
        # Pages of the mapped input that the call touched: counted, then given back, for they are the caller's.
        nonlocal mapped, mapped_before
        if feed.layout == "records":
            mapped += max(0, (resident.mapped_now_bytes() or 0) - mapped_before)
            feed.release()
            mapped_before = resident.mapped_now_bytes() or 0

    with Pauses() as pauses:
        while (now_ns() - began_ns) / 1e9 < request.values["most_s"]:
            windows, staged = feed.take(1)
            if feed.layout == "arrays":
                feed.release()
            resident.reset_peak()  # staging read the mapped input: that is the caller's memory
            run_window(processor, windows[0], staged[0], timing, audit=False, after_call=after_call)
            peak = _higher(peak, resident.peak_bytes())
            times_s.append((now_ns() - began_ns) / 1e9)
            sizes.append(resident.resident_now_bytes() or 0)
            children = max(children, resident.children_bytes())
            if timing.readings >= request.values["min_readings"]:
                break
    staged = []
    resident.collect()
    retained = resident.resident_now_bytes()
    anonymous = resident.anonymous_now_bytes()
    resident.reset_peak()
    copy = processor.history()
    history_peak = resident.peak_bytes()
    history_readings = len(copy)
    step = max(1, len(sizes) // _MOST_POINTS)
    return Message(
        {
            "peak_bytes": peak,
            "retained_bytes": retained,
            "anonymous_bytes": anonymous,
            "history_peak_bytes": history_peak,
            "history_readings": history_readings,
            "children_bytes": children,
            "mapped_bytes": mapped,
            "readings": timing.readings,
            "full": timing.readings >= request.values["min_readings"],
            "pauses": {
                "count": pauses.count,
                "longest_s": pauses.longest_ns / 1e9,
                "total_s": pauses.total_ns / 1e9,
            },
            "facts": dict(processor.facts()),
        },
        {"times_s": np.array(times_s[::step]), "resident_bytes": np.array(sizes[::step], np.int64)},
    )


def _higher(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)
