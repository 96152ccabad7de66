"""Memory of the real work: peak while it starts and runs, what is retained, over time."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Processor
from harness.measure.memory import resident
from harness.measure.memory.family import Family, Kin
from harness.measure.memory.pauses import Pauses
from harness.measure.processes.clock import now_ns
from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.facts import facts_of
from harness.measure.worker.host import Host

_MOST_POINTS = 200
_LOOK_EVERY_NS = 20_000_000


def run(host: Host, request: Message) -> Message:
    """Start, feed whole windows until `min_readings` have gone by, then `steady_windows` more, and take all figures.

    Either part ends after `most_s` at the latest. The peak is that of the start and of every window, staging its input
    left out; where the input is used straight from the mapped file, the pages of one batch are in it, since they
    cannot be told from it at its highest. Pauses of the collector are counted apart while the history fills and in
    the steady state after it. ``memory_history`` comes after it.

    Ask ``memory_runtime`` first. Answers with resident sizes; the caller subtracts the runtime.
    """
    values = request.values
    feed: Feed = host.kept["feed"]
    family = Family.before_children()
    resident.reset_peak()
    began_ns = now_ns()
    processor = host.make()
    host.start(processor, host.mapped().sensors, int(values["retain"]))
    scale = Scale(feed, family, began_ns)
    filling, steady = Timing(), Timing()
    with Pauses() as first:
        scale.feed_windows(processor, filling, math.inf, values["min_readings"], values["most_s"])
    full = filling.readings >= values["min_readings"]
    with Pauses() as then:
        scale.feed_windows(processor, steady, values.get("steady_windows", 0), math.inf, values["most_s"])
    resident.collect()
    retained, retained_kin = resident.resident_now_bytes(), family.now()
    seconds, sizes = scale.over_time()
    return Message(
        {
            "peak_bytes": scale.peak_bytes,
            "retained_bytes": retained,
            "anonymous_bytes": scale.anonymous_bytes,
            "children_bytes": scale.kin.added_bytes,
            "children": dict(scale.kin.shares_bytes),
            "children_retained_bytes": retained_kin.added_bytes,
            "mapped_bytes": scale.mapped_bytes,
            "readings": filling.readings + steady.readings,
            "windows": scale.windows,
            "full": full,
            "pauses": first.as_values(filling.readings),
            "steady_pauses": then.as_values(steady.readings) if full else None,
            "facts": facts_of(processor),
        },
        {"times_s": seconds, "resident_bytes": sizes},
    )


class Scale:
    """Feeds windows and weighs meanwhile: the peak always, all else some fifty times a second."""

    def __init__(self, feed: Feed, family: Family, began_ns: int) -> None:
        self._feed, self._family, self._began_ns = feed, family, began_ns
        self._looked_ns = 0
        self._mapped_before = resident.mapped_now_bytes() or 0
        self._points: list[tuple[float, int]] = []
        self.peak_bytes = resident.peak_bytes()
        self.anonymous_bytes = 0
        self.mapped_bytes = 0
        self.windows = 0
        self.kin = Kin()

    def feed_windows(
        self, processor: Processor, timing: Timing, windows: float, readings: float, most_s: float
    ) -> None:
        """Feed at most so many windows, until so many readings have gone by or `most_s` has."""
        began_ns = now_ns()
        fed = 0
        while fed < windows and timing.readings < readings and (now_ns() - began_ns) / 1e9 < most_s:
            taken, staged = self._feed.take(1)
            if self._feed.layout == "arrays":
                self._feed.release()
            resident.reset_peak()  # staging read the mapped input: that is the caller's memory
            run_window(processor, taken[0], staged[0], timing, audit=False, after_call=self._after_call)
            peak = resident.peak_bytes()
            if peak is not None:
                self.peak_bytes = max(self.peak_bytes or 0, peak)
            self._look()
            fed += 1
        self.windows += fed

    def _after_call(self) -> None:
        """Count the pages of the mapped input that the call touched and give them back: they are the caller's."""
        if now_ns() - self._looked_ns > _LOOK_EVERY_NS:
            self._look()
        if self._feed.layout == "records":
            self.mapped_bytes += max(0, (resident.mapped_now_bytes() or 0) - self._mapped_before)
            self._feed.release()
            self._mapped_before = resident.mapped_now_bytes() or 0

    def _look(self) -> None:
        self._points.append(((now_ns() - self._began_ns) / 1e9, resident.resident_now_bytes() or 0))
        self.anonymous_bytes = max(self.anonymous_bytes, resident.anonymous_now_bytes() or 0)
        kin = self._family.now()
        if kin.added_bytes > self.kin.added_bytes:
            self.kin = kin
        self._looked_ns = now_ns()

    def over_time(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Seconds since the start and resident bytes, at no more than some hundred moments."""
        kept: list[Any] = self._points[:: max(1, len(self._points) // _MOST_POINTS)]
        return np.array([second for second, _ in kept]), np.array([size for _, size in kept], np.int64)
