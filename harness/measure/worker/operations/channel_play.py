"""Have the sides of the channel do something at the same time, and kill one of them meanwhile if asked to."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.measure.processes.messages import Message
from harness.measure.worker.channel_host import ChannelHost


def run(host: ChannelHost, request: Message) -> Message:
    """Ask each side of `asks` (by name: verb and arguments) and answer what they answered within `limit_s`.

    `kill` names sides, each with the seconds after which it is killed. Values are by the side's name, arrays by its
    name, a point and their own; a side that died says ``gone``, one that did not answer ``silent``.
    """
    values = request.values
    for name, (verb, arguments) in values["asks"].items():
        host.send(name, verb, arguments)
    began_s = time.monotonic()
    for name, after_s in sorted(values.get("kill", {}).items(), key=lambda item: item[1]):
        time.sleep(max(0.0, began_s + after_s - time.monotonic()))
        host.kill(name)
    answers = host.answers(tuple(values["asks"]), values["limit_s"])
    plain: dict[str, dict[str, Any]] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for name, answer in answers.items():
        plain[name] = {key: value for key, value in answer.items() if not isinstance(value, np.ndarray)}
        arrays |= {f"{name}.{key}": value for key, value in answer.items() if isinstance(value, np.ndarray)}
    return Message(plain, arrays)
