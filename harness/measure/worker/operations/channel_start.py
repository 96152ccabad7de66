"""Start processes for the sides of the channel that was made."""

from harness.measure.processes.messages import Message
from harness.measure.worker.channel_host import ChannelHost


def run(host: ChannelHost, request: Message) -> Message:
    """Start one for each of `roles` (by name: "producer" or "consumer") and answer, by name, how its opening went.

    The producer puts in readings of `seed`. With `last`, the maker lets go of the channel afterwards, as the contract
    asks of a maker that is neither side.
    """
    values = request.values
    found = host.start(values["roles"], values["seed"])
    if values["last"]:
        host.made().close()
    return Message(found)
