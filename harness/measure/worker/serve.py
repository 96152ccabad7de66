"""The worker process: one implementation, one socket to the parent, one operation at a time.

Started as ``python -m harness.measure.worker.serve FD TOKEN PARENT``. Standard output and error belong to the
implementation; nothing printed there is read as an answer.
"""

import importlib
import os
import resource
import socket
import sys
import traceback
from typing import Any, Protocol

from harness.measure.processes.parent import die_with

if __name__ == "__main__":
    die_with(int(sys.argv[3]))  # before the imports that take a while

from harness.measure.processes.clock import cpu_ns, now_ns
from harness.measure.processes.messages import Line, Message
from harness.measure.worker.guard import GlobalState
from harness.measure.worker.host import Host


def _error(error: BaseException) -> dict[str, Any]:
    """What the parent is told of an exception: kind, text and the innermost place outside the harness."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if f"{os.sep}harness{os.sep}" not in frame.filename] or frames
    where = f"{os.path.basename(outside[-1].filename)}:{outside[-1].lineno}" if outside else ""  # noqa: PTH119
    text = " ".join(str(error).split())
    return {"kind": type(error).__name__, "text": text[:1000], "where": where}


class _AnyHost(Protocol):
    """What holds the class under test, be it a processor's or a channel's."""

    state: GlobalState | None

    def describe(self) -> dict[str, Any]: ...

    def stop(self) -> None: ...


def _host_of(values: dict[str, Any]) -> _AnyHost:
    """The host of the kind of `values`, its class imported."""
    named = values["reference"], values["name"], values["parameters"]
    if values["kind"] == "processors":
        return Host.load(*named)
    from harness.measure.worker.channel_host import ChannelHost

    return ChannelHost.load(*named)


def _answer(
    host: _AnyHost | None, operation: str, values: dict[str, Any], arrays: Any
) -> tuple[_AnyHost | None, Message]:
    if operation == "load":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if values.get("cpus"):
            os.sched_setaffinity(0, values["cpus"])
        host = _host_of(values)
        return host, Message(host.describe())
    if host is None:
        raise RuntimeError("the first message must load an implementation")
    if operation == "stop":
        host.stop()
        return host, Message({})
    module = importlib.import_module(f"harness.measure.worker.operations.{operation}")
    return host, module.run(host, Message(values, arrays))


def main(descriptor: int, token: bytes) -> None:
    """Serve until the parent closes the socket."""
    line = Line(socket.socket(fileno=descriptor), token)
    host: _AnyHost | None = None
    while True:
        try:
            request = line.receive()
        except EOFError:
            return
        began_ns, began_cpu_ns = now_ns(), cpu_ns()
        operation = request.values["operation"]
        if host is not None:
            host.state = GlobalState.now()
        try:
            host, answer = _answer(host, operation, request.values["request"], request.arrays)
            values: dict[str, Any] = {"answer": dict(answer.values)}
            arrays = answer.arrays
        except BaseException as error:  # whatever it is, it is the subject's and ends the cell
            values, arrays = {"error": _error(error)}, {}
        if host is not None and host.state is not None and operation not in ("stop", "pin"):
            values["changed"] = host.state.changes(GlobalState.now())
        values["elapsed_ns"] = now_ns() - began_ns
        values["cpu_ns"] = cpu_ns() - began_cpu_ns
        try:
            line.send(Message(values, arrays))
        except (TypeError, ValueError) as error:  # no answer that can be written: nothing of it was sent
            line.send(Message({**values, "answer": {}, "error": _error(error)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), bytes.fromhex(sys.argv[2]))
