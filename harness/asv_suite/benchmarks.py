"""Time, peak memory and throughput of every implementation on two workloads, by asv.

An implementation that is unavailable here, or whose outputs are not proved right on the very input, is skipped:
asv shows no number for it.
"""

import tempfile
import time
from pathlib import Path
from typing import ClassVar

from harness.contract import Processor
from harness.discovery import entries, find, load, workload
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.stream import Stream, write_stream
from harness.verify import verify

_SIZE = "small"
_WORKLOADS = ("steady", "dirty")
_PROOF_BUDGET_S = 120.0
_TRACKED_S = 0.5


def _prove(folder: str, implementation: str, name: str) -> str | None:
    """Why `implementation` may not be timed on the stream in `folder`, or None if it is proved right."""
    try:
        proof = verify(
            find("processors", implementation), Stream.open(Path(folder)), Limits(), budget_s=_PROOF_BUDGET_S
        )
    except WorkerFailure as failure:
        return str(failure)
    return None if proof.verified else str(proof.failures[0])


class _OnStream:
    """Shared set-up: the input written once, each pair proved once, a started and warmed-up instance each time."""

    params: ClassVar[tuple[list[str], list[str]]] = (list(entries("processors")), list(_WORKLOADS))
    param_names: ClassVar[list[str]] = ["implementation", "workload"]
    timeout = 600.0

    def setup_cache(self) -> dict[str, tuple[str, dict[str, str | None]]]:
        """Write the inputs and prove everything on them: by workload its folder and, by implementation, a reason."""
        cache = {}
        for name in _WORKLOADS:
            label, made = workload(name)
            folder = tempfile.mkdtemp(prefix="sensorbench-asv-", dir=Path.cwd())
            write_stream(made, label, made.size(_SIZE), Path(folder))
            cache[name] = (folder, {one: _reason(folder, one, name) for one in self.params[0]})
        return cache

    def setup(self, cache: dict[str, tuple[str, dict[str, str | None]]], implementation: str, workload: str) -> None:
        """Start and warm up; an implementation without a proof is skipped."""
        folder, reasons = cache[workload]
        if reasons[implementation] is not None:
            raise NotImplementedError(reasons[implementation])
        stream = Stream.open(Path(folder))
        self.processor: Processor = load(find("processors", implementation))()
        self.processor.start(stream.sensors, stream.size.retain)
        self.feed = Feed(stream, self.processor.input_layout)
        self.windows = len(stream.window_ends)
        self.pass_once()

    def teardown(self, *_: object) -> None:
        """Release what was started."""
        if hasattr(self, "processor"):
            self.processor.stop()

    def pass_once(self) -> Timing:
        """Pass once over the stream, window by window."""
        timing = Timing()
        windows, staged = self.feed.take(self.windows)
        for window, batches in zip(windows, staged, strict=True):
            run_window(self.processor, window, batches, timing, audit=False)
        return timing


def _reason(folder: str, implementation: str, name: str) -> str | None:
    missing = load(find("processors", implementation)).unavailable()  # type: ignore[attr-defined]
    return missing or _prove(folder, implementation, name)


class Stream200k(_OnStream):
    """A stream of 200,000 readings of 1,000 sensors in ten windows."""

    def time_stream(self, *_: object) -> None:
        """Seconds to pass once over the stream, input staged between the windows included."""
        self.pass_once()

    def peakmem_stream(self, *_: object) -> None:
        """Peak resident size of a process that passes over the stream, interpreter and set-up included."""
        self.pass_once()

    def track_throughput(self, *_: object) -> float:
        """Readings a second inside the processor's calls alone."""
        began_s = time.monotonic()
        timed_ns = readings = 0
        while not readings or time.monotonic() - began_s < _TRACKED_S:
            timing = self.pass_once()
            timed_ns += timing.timed_ns
            readings += timing.readings
        return readings / timed_ns * 1e9

    track_throughput.unit = "readings/s"  # type: ignore[attr-defined]
