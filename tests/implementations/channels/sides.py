"""What the tests of channels start as processes of their own: a producer that never ends, a consumer that notes."""

from multiprocessing.connection import Connection
from typing import Any

from harness.contract import Channel
from harness.measure.channels.tagged import tagged

SEED = 7


def put_for_ever(channel: Channel, line: "Connection[Any, Any]", block: int) -> None:
    """Put in blocks of readings from where the channel is, until killed."""
    channel.open_producer()
    line.send("open")
    while True:
        at = channel.position()
        for batch in tagged(SEED, at, at + 20 * block).batches(block):
            channel.put(batch)


def hold_open(channel: Channel, role: str, line: "Connection[Any, Any]") -> None:
    """Open `role` and wait until told to end, or killed."""
    channel.open_producer() if role == "producer" else channel.open_consumer()
    line.send("open")
    line.recv()
    channel.close()
