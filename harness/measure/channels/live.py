"""A live channel: its maker, a producer and a consumer, each on a CPU of its own, ready to be sampled."""

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from harness.contract import Overflow
from harness.discovery import Entry
from harness.measure.channels.side import CONSUMER, PRODUCER
from harness.measure.channels.sums import ExpectedSums, Sums
from harness.measure.channels.tagged import tagged
from harness.measure.processes.affinity import allowed_cpus
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import Effort
from harness.measure.speed.pairing import Sample
from harness.results import Status

CAPACITY = 65_536
"""Readings of room: 1 MiB, which is also the most that a pipe of the system is given."""

MOST = CAPACITY // 8
"""A consumer takes what there is, up to this many readings at a time."""

_CONTENT_READINGS = 1 << 20
_LEAST_BATCHES = 16
_DEADLINE_S = 120.0
_FIRST_BATCHES = 20


@dataclass(frozen=True, slots=True, eq=False)
class HandOvers:
    """How long each batch took from when it was to be put in until the consumer had all of it.

    Parameters
    ----------
    took_ns : int64[n]
        A batch that the producer was late with itself, being idle, counts from when it called.
    slip_ns : int64[n]
        How late that was; -1 where the producer was not idle but still putting in the one before.
    """

    took_ns: NDArray[np.int64]
    slip_ns: NDArray[np.int64]


def hand_overs_of(times: NDArray[np.int64], moments: NDArray[np.int64], batch: int) -> HandOvers:
    """From both sides' notes: due, called and done of each batch; when each get returned, and with how many."""
    due_ns, called_ns, done_ns = times.T
    was_idle = np.concatenate(([True], done_ns[:-1] <= due_ns[1:]))
    begun_ns = np.where(was_idle, called_ns, due_ns)
    come = np.cumsum(moments[:, 1])
    last = np.searchsorted(come, np.arange(1, len(times) + 1) * batch, side="left")
    return HandOvers(moments[last, 0] - begun_ns, np.where(was_idle, called_ns - due_ns, -1))


def cpus_for_sides() -> tuple[int, int]:
    """CPUs of the producer and of the consumer: two where there are two."""
    available = allowed_cpus() or (0,)
    return (available[-2] if len(available) > 1 else available[-1]), available[-1]


class LiveChannel:
    """One channel in fresh processes; a context manager.

    What the consumer is handed is proved in every sample: it adds up every bit by its place, and only this side knows
    what that must come to.

    Raises
    ------
    WorkerFailure
        With the status and reason that end the measurement.
    """

    windows = 1

    def __init__(self, entry: Entry, limits: Limits, effort: Effort, cpus: tuple[int, int]) -> None:
        self.entry = entry
        self.checked = 0
        self._effort = effort
        self._cpus = cpus
        self._seed = secrets.randbits(64)
        self._worker = Worker(entry, limits)
        self._batch = self._batches = 0
        self._expected: ExpectedSums | None = None
        self._place = 0

    def __enter__(self) -> Self:
        self._worker.spawn()
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()

    def open(self) -> Mapping[str, Any]:
        """Make the channel and start its sides; what the class says of itself."""
        worker = self._worker
        worker.load()
        if worker.described["unavailable"]:
            raise WorkerFailure(Status.UNAVAILABLE, str(worker.described["unavailable"]))
        made = worker.ask(
            "channel_make", {"capacity": CAPACITY, "overflow": str(Overflow.BLOCK)}, deadline_s=_DEADLINE_S
        )
        self._check(made.values)
        roles = {PRODUCER: PRODUCER, CONSUMER: CONSUMER}
        request = {"roles": roles, "seed": self._seed, "last": True}
        for answer in worker.ask("channel_start", request, deadline_s=_DEADLINE_S).values.values():
            self._check(answer)
        self._play({name: ("pin", {"cpus": [cpu]}) for name, cpu in zip(roles, self._cpus, strict=True)})
        return worker.described

    def prepare(self, batch: int) -> None:
        """Stage content in batches of `batch`, warm up, and settle how many batches a sample takes."""
        staged = max(_LEAST_BATCHES, _CONTENT_READINGS // batch)
        self._batch, self._batches, self._place = batch, _FIRST_BATCHES, 0
        self._expected = ExpectedSums(tagged(self._seed, 0, batch * staged))
        self._play(
            {PRODUCER: ("stage", {"batch": batch, "batches": staged}), CONSUMER: ("begin", {"most": max(batch, MOST)})}
        )
        warm_ns = 0
        while warm_ns < self._effort.warm_up_s * 1e9:
            sample = self.sample(None)
            warm_ns += sample.timed_ns
            wanted = self._effort.sample_many_s * 1.2 * 1e9 / max(1, sample.timed_ns) * self._batches
            self._batches = max(_FIRST_BATCHES, math.ceil(min(wanted, 8 * self._batches)))

    def sample(self, audit: int | None) -> Sample:
        """Pour and drain; proved whole, whatever `audit` is."""
        readings = self._batch * self._batches
        answers = self._play(
            {CONSUMER: ("drain", {"readings": readings}), PRODUCER: ("pour", {"batches": self._batches})}
        )
        self._prove(answers[CONSUMER]["sums"], readings)
        return Sample(int(answers[CONSUMER]["end_ns"]) - int(answers[PRODUCER]["begin_ns"]), readings)

    def hand_over(self, batches: int, interval_ns: int) -> HandOvers:
        """Hand over `batches` batches, one every `interval_ns`."""
        readings = self._batch * batches
        answers = self._play(
            {
                CONSUMER: ("receive", {"readings": readings}),
                PRODUCER: ("offer", {"batches": batches, "interval_ns": interval_ns}),
            }
        )
        self._prove(answers[CONSUMER]["sums"], readings)
        return hand_overs_of(answers[PRODUCER]["times"], answers[CONSUMER]["moments"], self._batch)

    def _prove(self, sums: Sequence[int], readings: int) -> None:
        assert self._expected is not None
        self._place += readings
        expected: Sums = self._expected.until(self._place)
        if tuple(sums) != expected:
            what = f"{sums[0]:,} of {expected[0]:,} readings" if sums[0] != expected[0] else "other readings"
            reason = f"wrong while it was timed: {what} came out than went in, by their sums"
            raise WorkerFailure(Status.WRONG, reason)
        self.checked += readings

    def _play(self, asks: Mapping[str, tuple[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
        limit_s = _DEADLINE_S / 2
        request = {"asks": {name: list(ask) for name, ask in asks.items()}, "limit_s": limit_s}
        reply = self._worker.ask("channel_play", request, deadline_s=_DEADLINE_S)
        found = {name: dict(answer) for name, answer in reply.values.items()}
        for name, answer in found.items():
            if "silent" in answer:
                raise WorkerFailure(Status.TIMED_OUT, f"the {name} was still at it after {limit_s:g} s")
            if "gone" in answer:
                raise WorkerFailure(Status.CRASHED, f"the {name} died (exit code {answer['gone']})")
            self._check(answer)
        for key, array in reply.arrays.items():
            name, _, part = key.partition(".")
            found[name][part] = array
        return found

    def _check(self, answer: Mapping[str, Any]) -> None:
        error = answer.get("error")
        if error is not None:
            raise WorkerFailure(Status.FAILED, f"{error['kind']}: {error['text']}")
