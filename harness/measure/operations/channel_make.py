"""Make a channel."""

import secrets
from pathlib import Path

from harness.contract import Overflow
from harness.measure.channel_host import ChannelHost
from harness.measure.channel_side import attempted
from harness.measure.messages import Message


def run(host: ChannelHost, request: Message) -> Message:
    """Make one with room for `capacity` readings, which does `overflow` when it is full; ``error`` if it raises."""
    values = request.values
    folder = Path.cwd() / f"channel-{secrets.token_hex(4)}"
    return Message(attempted(host.make, folder, values["capacity"], Overflow(values["overflow"])))
