"""Inside the worker: the process that makes a channel and starts its sides, and what it asks of them."""

import inspect
import multiprocessing
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from harness.contract import Channel, Overflow, parameters_of
from harness.contract.parameters import Value
from harness.discovery import Entry, load
from harness.errors import ContractError
from harness.measure.channels.side import Answer, LoadedFirst, serve
from harness.measure.worker.guard import GlobalState

_START_S = 90.0
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (where the system keeps shared memory by name)


@dataclass(slots=True)
class SideProcess:
    """A started side: its process and the line on which it is asked."""

    process: BaseProcess
    line: "Connection[Any, Any]"


@dataclass(slots=True)
class ChannelHost:
    """What operations on a channel work on; it makes the channel and is neither of its sides.

    Parameters
    ----------
    entry : Entry
    made_by : type
        The class under test.
    channel : Channel or None
        The one made last; `make` replaces it.
    folder : Path or None
        Where it may keep files.
    sides : dict
        Processes started for it, by a name of the asker's.
    state : GlobalState or None
        What operations must leave as it is.
    """

    entry: Entry
    made_by: type[Channel]
    channel: Channel | None = None
    folder: Path | None = None
    sides: dict[str, SideProcess] = field(default_factory=dict)
    state: GlobalState | None = None

    @classmethod
    def load(cls, reference: str, name: str, parameters: dict[str, Value]) -> "ChannelHost":
        """Import the class that `reference` names."""
        entry = Entry("channels", name, reference, parameters)
        return cls(entry, load(entry))

    def describe(self) -> dict[str, Any]:
        """The class attributes that the parent needs, as JSON values."""
        defaults = {name: parameter.default for name, parameter in parameters_of(self.made_by).items()}
        return {
            "approach": str(self.made_by.approach),
            "overflows": sorted(map(str, self.made_by.overflows)),
            "survives": self.made_by.survives,
            "unavailable": self.made_by.unavailable(),
            "idea": inspect.getdoc(self.made_by) or "",
            "parameters": {**defaults, **self.entry.parameters},
        }

    def make(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        """Make a new channel in `folder`, in the place of any other, which is destroyed first."""
        self.stop()
        folder.mkdir()
        self.folder = folder
        self.channel = self.made_by(**self.entry.parameters)
        self.channel.create(folder, capacity, overflow)

    def start(self, roles: Mapping[str, str], seed: int) -> dict[str, Answer]:
        """Start a process for each of `roles` (its name: "producer" or "consumer"); what each answers once open."""
        channel = self.made()
        context = multiprocessing.get_context("spawn")
        for name, role in roles.items():
            ours, theirs = context.Pipe()
            process = context.Process(
                target=serve, args=(LoadedFirst(self.entry), channel, role, seed, theirs), daemon=True
            )
            process.start()
            theirs.close()
            self.sides[name] = SideProcess(process, ours)
        return self.answers(tuple(roles), _START_S)

    def send(self, name: str, verb: str, arguments: Mapping[str, Any]) -> None:
        """Ask the side called `name` for something, without waiting for its answer."""
        self.sides[name].line.send((verb, dict(arguments)))

    def answers(self, names: tuple[str, ...], most_s: float) -> dict[str, Answer]:
        """What the sides called `names` answer within `most_s`.

        One that died says ``gone`` instead, one that is still at it ``silent``; that one is killed, for what it would
        answer later would be taken for the answer to something else.
        """
        until_s = time.monotonic() + most_s
        found: dict[str, Answer] = {}
        waiting = {id(self.sides[name].line): name for name in names}
        while waiting:
            lines = [self.sides[name].line for name in waiting.values()]
            ready = wait(lines, max(0.0, until_s - time.monotonic()))
            if not ready:
                break
            for line in ready:
                name = waiting.pop(id(line))
                found[name] = self._received(name)
        for name in waiting.values():
            self.kill(name)
            found[name] = {"silent": most_s}
        return found

    def _received(self, name: str) -> Answer:
        side = self.sides[name]
        try:
            answer: Answer = side.line.recv()
        except (EOFError, ConnectionError):
            side.process.join()
            return {"gone": side.process.exitcode}
        return answer

    def kill(self, name: str) -> None:
        """Kill the side called `name` with SIGKILL and wait for its end."""
        side = self.sides[name]
        side.process.kill()
        side.process.join()

    def named_memory(self) -> list[Path]:
        """Shared memory by name that the sides have mapped and that is still to be found under it."""
        found: set[Path] = set()
        for side in self.sides.values():
            try:
                maps = Path(f"/proc/{side.process.pid}/maps").read_text()
            except OSError:
                continue
            paths = {line[line.index("/") :] for line in maps.splitlines() if "/" in line}
            found |= {Path(path) for path in paths if Path(path).is_relative_to(_SHARED_MEMORY)}
        return sorted(path for path in found if path.exists())

    def made(self) -> Channel:
        """The channel."""
        if self.channel is None:
            raise ContractError("no channel is made in this worker; ask for 'channel_make' first")
        return self.channel

    def stop(self) -> None:
        """End the sides and destroy the channel, if there is one."""
        for side in self.sides.values():
            side.line.close()
            side.process.join(1.0)
            side.process.kill()
            side.process.join()
        self.sides.clear()
        channel, self.channel = self.channel, None
        if channel is not None:
            try:
                channel.close()
            finally:
                channel.destroy()

    def left_in_folder(self) -> list[str]:
        """Names of files that lie in the channel's folder."""
        return sorted(path.name for path in self.folder.iterdir()) if self.folder else []
