"""The stage on which the scenarios are played: one channel, its sides in processes of their own."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Overflow
from harness.measure.processes.handle import Worker
from harness.measure.processes.status import WorkerFailure
from harness.results import Status
from harness.verify.channels.evidence import Ending, Passage
from harness.verify.evidence import Subject

LIMIT_S = 20.0
"""What is still at it after so long is stuck: everything asked for here takes a second at most."""

_DEADLINE_S = 120.0
_NO_CALLS = np.empty((0, 5), np.int64)

Ask = tuple[str, Mapping[str, Any]]
"""A verb of :mod:`harness.measure.channels.side` and its arguments."""


class Stuck(Exception):  # noqa: N818  (ends a scenario, and is its evidence)
    """A side did not answer, or died unasked."""


@dataclass(slots=True)
class Came:
    """What the consumers of one scenario were handed so far, in order."""

    records: list[NDArray[np.void]]
    calls: list[NDArray[np.int64]]
    ended: bool = False
    form: str = ""


class Stage:
    """One scenario on one channel of a worker.

    Parameters
    ----------
    worker : Worker
        Alive, with the channel's class loaded.
    name : str
        Of the scenario.
    seed : int
        Of the readings that the producer puts in.
    """

    def __init__(self, worker: Worker, name: str, seed: int) -> None:
        self.subject = Subject(worker.entry.label, name)
        self.described = worker.described
        self.seed = seed
        self.rng = random.Random(seed)
        self.drops = False
        self.came = Came([], [])
        self._worker = worker

    def make(self, capacity: int, overflow: Overflow) -> Mapping[str, str] | None:
        """Make the channel; the error if that was refused."""
        self.drops = overflow is Overflow.DROP_OLDEST
        reply = self._worker.ask(
            "channel_make", {"capacity": capacity, "overflow": str(overflow)}, deadline_s=_DEADLINE_S
        )
        error: Mapping[str, str] | None = reply.values.get("error")
        return error

    def start(self, roles: Mapping[str, str], *, last: bool = True) -> Mapping[str, Mapping[str, Any]]:
        """Start a process for each of `roles` and return how opening went; `last`: the maker then lets go."""
        request = {"roles": dict(roles), "seed": self.seed, "last": last}
        found = self._worker.ask("channel_start", request, deadline_s=_DEADLINE_S).values
        self._check_alive(found)
        return found

    def open(self, capacity: int, overflow: Overflow, roles: Mapping[str, str], *, last: bool = True) -> None:
        """Make the channel and start its sides, all of which must open it."""
        error = self.make(capacity, overflow)
        opened = {} if error else self.start(roles, last=last)
        error = error or next((answer["error"] for answer in opened.values() if "error" in answer), None)
        if error is not None:
            raise WorkerFailure(Status.FAILED, f"{error['kind']} when it was opened: {error['text']}")

    def play(
        self, asks: Mapping[str, Ask], kill: Mapping[str, float] | None = None, limit_s: float = LIMIT_S
    ) -> dict[str, dict[str, Any]]:
        """Have the sides do what `asks` says, all at once; what a consumer was handed is added to `came`.

        Raises
        ------
        Stuck
            If one does not answer within `limit_s`, or dies without having been killed.
        """
        request = {"asks": {name: list(ask) for name, ask in asks.items()}, "kill": kill or {}, "limit_s": limit_s}
        reply = self._worker.ask("channel_play", request, deadline_s=limit_s + _DEADLINE_S)
        found = {name: dict(answer) for name, answer in reply.values.items()}
        for key, array in reply.arrays.items():
            name, _, part = key.partition(".")
            found[name][part] = array
        self._check_alive({name: answer for name, answer in found.items() if name not in (kill or {})}, asks)
        for answer in found.values():
            if "records" in answer:
                self.came.records.append(answer["records"].view(RECORD_DTYPE))
                self.came.calls.append(answer["calls"])
                self.came.ended = bool(answer["ended"])
                self.came.form = self.came.form or answer["form"]
        return found

    def _check_alive(self, answers: Mapping[str, Mapping[str, Any]], asks: Mapping[str, Ask] | None = None) -> None:
        for name, answer in answers.items():
            doing = f" in {asks[name][0]}" if asks else " when it was opened"
            if "silent" in answer:
                raise Stuck(f"the {name} has not returned{doing} after {answer['silent']:g} s")
            if "gone" in answer:
                raise Stuck(f"the {name} died{doing} (exit code {answer['gone']})")
            error = answer.get("error")
            if error and error["kind"] not in {"ChannelError", "InputError"}:
                raise Stuck(f"the {name} raised {error['kind']}{doing}: {error['text']}")

    def passage(self, went_in: int | None, dropped: int | None, *, first: int = 0, closed: bool = False) -> Passage:
        """All that came out so far, as evidence."""
        came = self.came
        return Passage(
            self.subject,
            self.seed,
            went_in,
            np.concatenate(came.records) if came.records else np.empty(0, RECORD_DTYPE),
            np.concatenate(came.calls) if came.calls else _NO_CALLS,
            first,
            dropped,
            self.drops,
            closed,
            came.ended,
            came.form,
        )

    def forget(self) -> None:
        """Begin a new passage."""
        self.came = Came([], [])

    def end(self, stuck: str = "") -> Ending:
        """Destroy the channel; what was left of it, where all went well until then."""
        left = self._worker.ask("channel_end", deadline_s=_DEADLINE_S).values["left"]
        return Ending(self.subject, stuck, None if stuck else tuple(left))
