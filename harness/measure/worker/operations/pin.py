"""Pin this process to some CPUs, once it is known how many threads its implementation uses."""

import os

from harness.measure.processes.messages import Message
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Run on `cpus` only, this thread and those it starts."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, request.values["cpus"])
    return Message({})
