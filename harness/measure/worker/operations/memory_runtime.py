"""Memory before the real work: a tiny instance lives and dies first, so that imports and compiled code are counted."""

import numpy as np

from harness.contract import Readings, Sensors
from harness.measure.memory import resident
from harness.measure.processes.messages import Message
from harness.measure.speed.feed import Feed
from harness.measure.worker.host import Host

_TINY = 16


def run(host: Host, request: Message) -> Message:
    """Run a tiny instance through every method, prepare the input buffers, and answer with the runtime's size."""
    ids = np.arange(1, _TINY + 1, dtype=np.uint32)
    ones = np.ones(_TINY, np.float32)
    processor = host.make()
    host.start(processor, Sensors(ids, ones, ones), _TINY)
    for _ in range(3):
        processor.process(Readings(ids, np.arange(_TINY, dtype=np.int64), ones))
    processor.flush()
    processor.close_window()
    processor.history()
    host.stop()
    del processor
    stream = host.map_stream(request.values["folder"])
    feed = host.kept["feed"] = Feed(stream, host.made_by.input_layout)
    feed.reserve(1)
    resident.collect()
    is_reset = resident.reset_peak()
    return Message(
        {
            "runtime_bytes": resident.resident_now_bytes(),
            "anonymous_bytes": resident.anonymous_now_bytes(),
            "peak_is_known": is_reset,
        }
    )
