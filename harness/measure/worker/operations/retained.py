"""What was retained when ``memory_history`` was asked, a piece at a time: all at once would be too long on its way."""

from harness.contract import History
from harness.contract.data import arrays_of
from harness.measure.processes.messages import Message
from harness.measure.worker.host import Host

KEPT = "history"
"""Where ``memory_history`` leaves it."""


def run(host: Host, request: Message) -> Message:
    """Answer with the columns of at most `count` retained readings from number `first` on."""
    history: History = host.kept[KEPT]
    first = int(request.values["first"])
    piece = slice(first, first + int(request.values["count"]))
    return Message({}, {name: column[piece] for name, column in arrays_of(history).items()})
