"""The parent's handle on a worker: spawn, ask, watch, contain."""

import os
import secrets
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from numpy.typing import NDArray

from harness.contract.processor import THREADS_VARIABLE
from harness.discovery import Entry
from harness.errors import ContractError, InputError, UsageError
from harness.measure.processes import keeper, tree
from harness.measure.processes.clock import now_ns
from harness.measure.processes.compiled import compiled_environment
from harness.measure.processes.input_watch import InputWatch
from harness.measure.processes.messages import TOKEN_BYTES, Arrays, Line, Message, ProtocolError
from harness.measure.processes.status import WorkerFailure, describe_exit
from harness.measure.processes.waiting import waited_ns
from harness.results import Status
from harness.stream import records_path
from harness.units import format_bytes, format_seconds

_POLL_S = 0.05
_OUTPUT_LIMIT_BYTES = 16 << 20
_CONNECT_DEADLINE_S = 60.0
_FRAME_DEADLINE_S = 60.0  # from the first byte of a request or an answer to its last
_OURS_IN_LOAD = {InputError.__name__, ContractError.__name__}
"""What loading says of a file that holds no implementation; it names the file itself."""

_CLOCK_SLACK_NS = 20_000_000
_living: set[int] = set()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may use.

    Parameters
    ----------
    threads : int
        Threads for it and for the libraries it loads.
    cpus : sequence of int
        CPUs it may run on; empty for all that this process may use.
    memory_bytes : int
        Resident size of it and its children at which it is killed.
    hash_seed : int
        PYTHONHASHSEED.
    padding_bytes : int
        Length of an unused environment variable, which moves the stack.
    soiled_memory : bool
        Whether fresh memory is filled with rubbish (by glibc) instead of what happens to be there, mostly zeros.
    """

    threads: int = 1
    cpus: Sequence[int] = ()
    memory_bytes: int = 8 << 30
    hash_seed: int = 0
    padding_bytes: int = 0
    soiled_memory: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """A worker's answer, the arrays with it, and what the operation took by the worker's and the parent's clock."""

    values: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    elapsed_ns: int
    parent_elapsed_ns: int
    cpu_ns: int


class Worker:
    """One implementation in a fresh process of its own session; a context manager that leaves nothing behind.

    Raises
    ------
    WorkerFailure
        From `ask` (and on entering), with the status and reason that end the cell: crash, deadline, memory, output,
        exception, changed global state, forged message. The worker is dead afterwards.
    """

    def __init__(self, entry: Entry, limits: Limits) -> None:
        self.entry = entry
        self.limits = limits
        self.described: Mapping[str, Any] = {}
        self.peak_seen_bytes = 0
        self._token = f"{keeper.RUN_TOKEN}-{secrets.token_hex(6)}"
        self._input: InputWatch | None = None
        self._closed = True

    def __enter__(self) -> Self:
        self.spawn()
        try:
            self.load()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def spawn(self) -> None:
        """Start the process; `load` waits for it. Several can so start side by side."""
        tree.adopt_orphans()
        keeper.ensure()
        ours, theirs = socket.socketpair()
        secret = secrets.token_bytes(TOKEN_BYTES)
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `close`)
        self._scratch = keeper.scratch_folder()
        with theirs:
            named = [str(theirs.fileno()), secret.hex(), str(os.getpid())]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "harness.measure.worker.serve", *named],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
                cwd=self._scratch.name,
                env=_environment(self.limits, self._token, self._scratch.name),
            )
        self.pid = self._process.pid
        self._weigher = tree.Weigher(self.pid)
        _living.add(self.pid)
        self._line = Line(ours, secret, _FRAME_DEADLINE_S)
        self._closed = False

    def load(self) -> None:
        """Have it import the implementation and describe it."""
        request = {
            "kind": self.entry.kind,
            "reference": self.entry.reference,
            "name": self.entry.name,
            "parameters": dict(self.entry.parameters),
            "cpus": list(self.limits.cpus),
        }
        self.described = self.ask("load", request, deadline_s=_CONNECT_DEADLINE_S).values

    def ask(
        self,
        operation: str,
        request: Mapping[str, Any] | None = None,
        arrays: Arrays | None = None,
        *,
        deadline_s: float,
    ) -> Reply:
        """Have `operation` done within `deadline_s` and return its answer; one that has ended fails again."""
        if self._closed:
            raise WorkerFailure(Status.CRASHED, f"ended before {operation!r} was asked of it")
        self._watch_input(request)
        queued_ns = self._queued_ns()
        began_ns = now_ns()
        try:
            self._line.send(Message({"operation": operation, "request": dict(request or {})}, arrays or {}))
        except TimeoutError:
            self._fail(
                Status.TIMED_OUT,
                f"did not read {operation!r} within {format_seconds(_FRAME_DEADLINE_S)} of its sending",
            )
        except OSError:
            self._fail_dead(operation)
        self._wait(operation, began_ns, deadline_s)
        try:
            message = self._line.receive()
        except (EOFError, ConnectionError):
            self._fail_dead(operation)
        except TimeoutError:
            self._fail(Status.TIMED_OUT, f"began to answer {operation!r} and never ended")
        except ProtocolError as error:
            self._fail(Status.FAILED, f"{error} in {operation!r}")
        elapsed_ns = now_ns() - began_ns
        return self._checked(operation, message, elapsed_ns, self._queued_ns() - queued_ns)

    def close(self) -> None:
        """Kill whatever is left of it. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._line.socket.close()
        tree.kill_tree(self.pid, self._token)
        self._process.wait()
        _living.discard(self.pid)
        known = {*_living, *keeper.pids()}
        if not _living:
            tree.kill(tree.orphans(known))
        self._output.close()
        self._scratch.cleanup()

    def stop(self, deadline_s: float = 10.0) -> None:
        """Have the implementation release everything, then close; processes that escaped from it are a failure."""
        try:
            self.ask("stop", deadline_s=deadline_s)
            escaped = tree.escaped(self.pid, self._token)
            if escaped:
                self._fail(Status.FAILED, f"left processes behind that outlive it: {', '.join(escaped[:3])}")
        finally:
            self.close()

    def _wait(self, operation: str, began_ns: int, deadline_s: float) -> None:
        """Wait until an answer begins to come in, watching deadline, memory and output."""
        while True:
            left_s = deadline_s - (now_ns() - began_ns) / 1e9
            if left_s <= 0:
                self._fail(Status.TIMED_OUT, f"no answer to {operation!r} within {format_seconds(deadline_s)}")
            ready, _, _ = select.select([self._line.socket], [], [], min(_POLL_S, left_s))
            self._watch(operation)
            if ready:
                return

    def _watch(self, operation: str) -> None:
        used_bytes = self._weigher.resident_bytes()
        self.peak_seen_bytes = max(self.peak_seen_bytes, used_bytes)
        if used_bytes > self.limits.memory_bytes and self._weigher.proportional_bytes() > self.limits.memory_bytes:
            self._fail(
                Status.OUT_OF_MEMORY,
                f"used {format_bytes(used_bytes)} in {operation!r}; "
                f"allowed are {format_bytes(self.limits.memory_bytes)}",
            )
        printed_bytes = os.fstat(self._output.fileno()).st_size
        if printed_bytes > _OUTPUT_LIMIT_BYTES:
            self._fail(
                Status.FAILED,
                f"printed {format_bytes(printed_bytes)} in {operation!r}; "
                f"allowed are {format_bytes(_OUTPUT_LIMIT_BYTES)} a worker",
            )

    def _queued_ns(self) -> int:
        """What both sides of the socket have waited for a CPU so far."""
        return waited_ns("thread-self", str(self.pid))

    def _checked(self, operation: str, message: Message, parent_elapsed_ns: int, queued_ns: int) -> Reply:
        try:
            return self._reply(operation, message, parent_elapsed_ns, queued_ns)
        except (KeyError, TypeError, ValueError, AttributeError):
            self._fail(Status.FAILED, f"a forged or damaged message came over the worker's socket in {operation!r}")

    def _reply(self, operation: str, message: Message, parent_elapsed_ns: int, queued_ns: int) -> Reply:
        error = message.values.get("error")
        if error:
            if operation == "load" and error["kind"] == UsageError.__name__:
                self.close()
                raise UsageError(error["text"])
            if operation == "load" and error["kind"] in _OURS_IN_LOAD:
                self._fail(Status.FAILED, error["text"])
            where = f" at {error['where']}" if error["where"] else ""
            status = Status.OUT_OF_MEMORY if error["kind"] == "MemoryError" else Status.FAILED
            self._fail(
                status, f"{error['kind']} in {operation!r}{where}" + (f": {error['text']}" if error["text"] else "")
            )
        if message.values.get("changed"):
            self._fail(
                Status.FAILED, f"changed the {', '.join(message.values['changed'])} of the process in {operation!r}"
            )
        elapsed_ns = int(message.values["elapsed_ns"])
        # The worker's clock may not run slower or faster than ours: 5 %, a message's way and what either side waited
        # for a CPU are allowed. While it loads, we also wait for its interpreter.
        is_slow = operation != "load" and parent_elapsed_ns > 1.05 * elapsed_ns + 1e9 + queued_ns
        if elapsed_ns > parent_elapsed_ns + _CLOCK_SLACK_NS or is_slow:
            self._fail(
                Status.FAILED,
                f"clocks disagree in {operation!r}: the worker counted {format_seconds(elapsed_ns / 1e9)}, "
                f"the parent {format_seconds(parent_elapsed_ns / 1e9)}",
            )
        if self._input is not None and self._input.change():
            self._fail(Status.FAILED, f"noticed after {operation!r}")
        return Reply(
            dict(message.values["answer"]), message.arrays, elapsed_ns, parent_elapsed_ns, int(message.values["cpu_ns"])
        )

    def _fail_dead(self, operation: str) -> NoReturn:
        """The socket is closed: say how the process ended."""
        try:
            status, reason = describe_exit(self._process.wait(timeout=5))
        except subprocess.TimeoutExpired:
            status, reason = Status.FAILED, "closed its socket and went on running"
        said = self.last_words()
        self._fail(status, f"{reason} in {operation!r}" + (f"; its last output: {said}" if said else ""))

    def _watch_input(self, request: Mapping[str, Any] | None) -> None:
        """Remember the input that the worker is told to map, as it is before."""
        folder = (request or {}).get("folder")
        if isinstance(folder, str) and (self._input is None or self._input.path.parent != Path(folder)):
            self._input = InputWatch.of(records_path(Path(folder)))

    def _fail(self, status: Status, reason: str) -> NoReturn:
        """End it with `reason`, led by what became of its input, if anything did."""
        self.close()
        cause = self._input.change() if self._input else None
        raise WorkerFailure(status, f"{cause}: {reason}" if cause else reason)

    def last_words(self, most_bytes: int = 300) -> str:
        """The end of what it printed, on one line."""
        size = os.fstat(self._output.fileno()).st_size
        tail = os.pread(self._output.fileno(), most_bytes, max(0, size - most_bytes))
        return " ".join(tail.decode(errors="replace").split())[-most_bytes:]


def _environment(limits: Limits, token: str, scratch: str) -> dict[str, str]:
    """The worker's environment: ours, with threads, seeds and places fixed."""
    pools = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHONPROFILE")},
        **compiled_environment(),
        **dict.fromkeys(pools, str(limits.threads)),
        THREADS_VARIABLE: str(limits.threads),
        keeper.TOKEN_VARIABLE: token,
        "PYTHONHASHSEED": str(limits.hash_seed),
        "PYTHONUNBUFFERED": "1",
        "SENSORBENCH_PADDING": "x" * limits.padding_bytes,
        **({"MALLOC_PERTURB_": "165"} if limits.soiled_memory else {}),
        "TMPDIR": scratch,
    }
