"""The parent's side of `play`: a worker asked within a budget, its answers put into transcripts."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from numpy.typing import NDArray

from harness.measure.processes.handle import Worker
from harness.measure.processes.status import WorkerFailure
from harness.results import Status
from harness.stream import Stream
from harness.units import format_seconds
from harness.verify.scenarios import Step
from harness.verify.transcript import DamagedAnswer, Transcript

_START_S = 120.0
_LEAST_S = 0.5


@dataclass(slots=True)
class Budget:
    """Seconds that an implementation may take for all of its answers; start-up and our own checking do not count."""

    total_s: float
    spent_s: float = 0.0

    @property
    def left_s(self) -> float:
        """What is left, but never so little that a quick answer could not come."""
        return max(_LEAST_S, self.total_s - self.spent_s)


class Player:
    """A worker that is asked to play.

    Raises
    ------
    WorkerFailure
        From every method; what was being played is added to the reason.
    """

    def __init__(self, worker: Worker, budget: Budget) -> None:
        self._worker = worker
        self._budget = budget

    def start(self, stream: Stream) -> None:
        """Start on the stream's table: compile, connect, import what is imported late."""
        self._worker.ask("start", {"folder": str(stream.folder)}, deadline_s=max(_START_S, self._budget.left_s))

    def play(
        self,
        transcript: Transcript,
        steps: Sequence[Step],
        request: dict[str, Any],
        arrays: dict[str, NDArray[Any]] | None = None,
        *,
        what: str,
    ) -> None:
        """Have `steps` played and take the answer into `transcript`; `what` says in words what that is."""
        began_s = time.monotonic()
        try:
            asked = {**request, "steps": [list(step) for step in steps]}
            transcript.add(self._worker.ask("play", asked, arrays, deadline_s=self._budget.left_s))
        except DamagedAnswer as error:
            self._worker.close()
            reason = f"a forged or damaged answer in 'play' ({error}; {what})"
            raise WorkerFailure(Status.FAILED, reason) from error
        except WorkerFailure as failure:
            allowed = f"; all answers together may take {format_seconds(self._budget.total_s)}"
            where = what + (allowed if failure.status is Status.TIMED_OUT else "")
            raise WorkerFailure(failure.status, f"{failure.reason} ({where})") from None
        finally:
            self._budget.spent_s += time.monotonic() - began_s

    def give_up(self, expected_s: float, readings: int) -> NoReturn:
        """End it: `readings` would take `expected_s`, far beyond the budget."""
        self._worker.close()
        raise WorkerFailure(
            Status.TIMED_OUT,
            f"would take about {format_seconds(expected_s)} for {readings} readings; "
            f"{format_seconds(self._budget.total_s)} are allowed",
        )
