"""Start a new instance on the mapped stream's sensors, and say what that took."""

from harness.measure.processes.clock import now_ns
from harness.measure.processes.messages import Message
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Make, and start with the stream in `folder` and `retain` (by default the stream's own)."""
    stream = host.map_stream(request.values["folder"])
    retain = int(request.values.get("retain", stream.size.retain))
    processor = host.make()
    began_ns = now_ns()
    host.start(processor, stream.sensors, retain)
    return Message({"start_ns": now_ns() - began_ns})
