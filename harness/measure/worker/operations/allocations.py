"""Allocations in steady state, by memray: how many a batch, and which lines of the implementation make them."""

import importlib.util
import inspect
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed
from harness.measure.speed.windows import Timing, run_window
from harness.measure.worker.guard import GlobalState
from harness.measure.worker.host import Host

LARGE_BYTES = 512
"""Smaller ones come from Python's own pools, and Numba makes a small header for each array argument of a call."""

_MOST_LINES = 50
_OBJECT_BYTES = 512
_ROOM_BYTES = 8 << 20
_EVERY_BYTES = 1 << 18


def run(host: Host, request: Message) -> Message:
    """Feed `windows` windows to the started and warmed-up instance under memray.

    With ``capture`` the raw capture stays at that path, for flame graphs. Answers with counts and bytes of
    allocations: all, those of 512 bytes and more, those of them attributed to the implementation, and its lines.
    """
    import memray

    host.state = GlobalState.now()  # memray's own imports draw a random number
    feed: Feed = host.kept["feed"]
    processor = host.running()
    values = request.values
    timing = Timing()
    with tempfile.TemporaryDirectory(prefix="sensorbench-memray-") as folder:
        capture = Path(values.get("capture") or Path(folder) / "capture.bin")
        windows, staged = feed.take(int(values["windows"]))
        kept = _room_for_small_objects()
        with memray.Tracker(capture, native_traces=False):
            for window, batches in zip(windows, staged, strict=True):
                run_window(processor, window, batches, timing, audit=False)
        del kept
        found = _counted(capture, _own_places(host.made_by))
    return Message({**found, "batches": len(timing.service_ns), "readings": timing.readings})


def _room_for_small_objects() -> list[bytes]:
    """Make room in the interpreter's own pools for small objects, and answer with what keeps it.

    What the harness and the interpreter keep meanwhile (times, mostly) would else let the pools grow by an arena of a
    mebibyte at some moment, which would count as a large allocation of whoever happened to ask for a small object.
    """
    filling = [bytes(_OBJECT_BYTES - 64) for _ in range(_ROOM_BYTES // _OBJECT_BYTES)]
    return filling[:: _EVERY_BYTES // _OBJECT_BYTES]


def _own_places(made_by: type) -> tuple[str, ...]:
    """Where the implementation's code lies: its own file, and the folder `implementations`."""
    package = importlib.util.find_spec("implementations")
    folders = package.submodule_search_locations if package else None
    return (inspect.getfile(made_by), *(folders or ()))


def _counted(capture: Path, places: tuple[str, ...]) -> dict[str, Any]:
    import memray

    frees = (memray.AllocatorType.FREE, memray.AllocatorType.MUNMAP)
    total = total_bytes = large = own_large = own_small = 0
    lines: Counter[tuple[str, int, str]] = Counter()
    sizes: Counter[tuple[str, int, str]] = Counter()
    with memray.FileReader(capture) as reader:
        for record in reader.get_allocation_records():
            if record.allocator in frees:
                continue
            total += 1
            total_bytes += record.size
            large += record.size >= LARGE_BYTES
            own = next((frame for frame in record.stack_trace() if frame[1].startswith(places)), None)
            if own is None:
                continue
            own_large += record.size >= LARGE_BYTES
            own_small += record.size < LARGE_BYTES
            place = (Path(own[1]).name, int(own[2]), own[0])
            lines[place] += 1
            sizes[place] += record.size
    return {
        "allocations": total,
        "allocated_bytes": total_bytes,
        "large": large,
        "own_large": own_large,
        "own_small": own_small,
        "lines": [
            {
                "file": file,
                "line": line,
                "function": function,
                "allocations": lines[file, line, function],
                "bytes": size,
            }
            for (file, line, function), size in sizes.most_common(_MOST_LINES)
        ],
    }
