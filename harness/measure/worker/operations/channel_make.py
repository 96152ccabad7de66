"""Make a channel."""

import secrets
from pathlib import Path

from harness.contract import Overflow
from harness.measure.channels.side import attempted
from harness.measure.processes.messages import Message
from harness.measure.worker.channel_host import ChannelHost


def run(host: ChannelHost, request: Message) -> Message:
    """Make one with room for `capacity` readings, which does `overflow` when it is full; ``error`` if it raises."""
    values = request.values
    folder = Path.cwd() / f"channel-{secrets.token_hex(4)}"
    return Message(attempted(host.make, folder, values["capacity"], Overflow(values["overflow"])))
