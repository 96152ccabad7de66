"""How fast the device copies within itself and over its link."""

from harness.contract import Accelerated
from harness.errors import ContractError
from harness.measure.processes.messages import Message
from harness.measure.worker.facts import facts_of
from harness.measure.worker.host import Host


def run(host: Host, request: Message) -> Message:
    """Bytes a second as :meth:`Accelerated.bandwidths` has them, of the started instance, and its facts."""
    processor = host.running()
    if not isinstance(processor, Accelerated):
        raise ContractError(f"{type(processor).__name__} has no device; expected an Accelerated processor")
    return Message({"bandwidths": dict(processor.bandwidths()), "facts": facts_of(processor)})
