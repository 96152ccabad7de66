"""A taste: the stream's beginning in growing batches, for a fraction of a second."""

from harness.contract import Readings
from harness.measure.processes.clock import now_ns
from harness.measure.processes.messages import Message
from harness.measure.worker.host import Host

_FIRST_BATCH = 16


def run(host: Host, request: Message) -> Message:
    """Feed batches of 16, 32, 64 ... readings until `most_s` have gone by; answer with the last batch's cost.

    The last batch is the largest, so that what a call costs by itself weighs least in it.
    """
    processor, stream = host.running(), host.mapped()
    spent_ns, position, length = 0, 0, _FIRST_BATCH
    took_ns, took = 0, 0
    while spent_ns < request.values["most_s"] * 1e9 and position < len(stream):
        part = stream.records[position : position + length]
        batch = Readings(part["sensor_id"].copy(), part["time"].copy(), part["value"].copy())
        began_ns = now_ns()
        processor.process(batch)
        processor.flush()
        took_ns, took = now_ns() - began_ns, len(batch)
        spent_ns += took_ns
        position += took
        length *= 2
    return Message({"timed_ns": took_ns, "readings": took})
