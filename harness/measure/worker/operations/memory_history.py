"""After the work: what the implementation says of itself, and what the copy that history() hands out takes."""

from harness.measure.memory import resident
from harness.measure.processes.messages import Message
from harness.measure.worker.facts import facts_of
from harness.measure.worker.host import Host
from harness.measure.worker.operations.retained import KEPT


def run(host: Host, request: Message) -> Message:
    """Ask the implementation that ``memory`` has fed for its history; answer with the highest size meanwhile.

    The copy stays for ``retained``. What facts() takes, such as a disassembly of compiled code, is let go of first.
    """
    facts = facts_of(host.running())
    resident.collect()
    resident.reset_peak()
    history = host.kept[KEPT] = host.running().history()
    return Message({"history_peak_bytes": resident.peak_bytes(), "history_readings": len(history), "facts": facts})
