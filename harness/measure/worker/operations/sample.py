"""One sample: whole windows on the clock, one of them audited."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from harness.contract import Readings
from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed, Window
from harness.measure.speed.folds import Folding
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Feed the next `windows` windows; copy what the window at `audit` (or none) hands back.

    All are staged beforehand, or with `in_turn` each when it is its turn: memory in use does then not grow with their
    number, so that cost against readings is not a matter of which cache the input fits.

    Answers with the time on the clock, the readings, the service time of each call, the folds of all windows with the
    index of the first, and the audited window.
    """
    feed: Feed = host.kept["feed"]
    audit = request.values.get("audit")
    timing, folding, first = Timing(), Folding(), feed.index
    audited = None
    for index, (window, batches) in enumerate(_staged(feed, int(request.values["windows"]), request.values["in_turn"])):
        found = run_window(host.running(), window, batches, timing, audit=index == audit, folding=folding)
        audited = found or audited
    values: dict[str, Any] = {"timed_ns": timing.timed_ns, "readings": timing.readings, "first_window": first}
    arrays = {"service_ns": np.array(timing.service_ns, np.int64), "folds": folding.windows().view("V64")}
    if audited is not None:
        values["audited"] = audited[0]
        arrays |= audited[1]
    return Message(values, arrays)


def _staged(feed: Feed, windows: int, in_turn: bool) -> Iterator[tuple[Window, list[Readings]]]:
    for step in [1] * windows if in_turn else [windows]:
        yield from zip(*feed.take(step), strict=True)
