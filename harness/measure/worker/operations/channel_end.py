"""End the channel's sides and destroy it; what is left of it then."""

from harness.measure.processes.messages import Message
from harness.measure.worker.channel_host import ChannelHost


def run(host: ChannelHost, request: Message) -> Message:
    """Destroy the channel; answers the files and the named memory that it leaves behind, as `left`."""
    named = host.named_memory()
    host.stop()
    return Message({"left": [*host.left_in_folder(), *(str(path) for path in named if path.exists())]})
