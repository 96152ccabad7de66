"""Evidence: what an implementation was given and what it handed back, as frozen data for the checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Readings, Statistics
from harness.oracle import Answer, Groups, Oracle, group
from harness.results import Failure
from harness.verify.tolerance import allowed_errors, errors


@dataclass(frozen=True, slots=True)
class Subject:
    """Who handed back, and on what."""

    implementation: str
    workload: str

    def failure(self, check: str, finding: "Finding", batch: int | None = None, position: int | None = None) -> Failure:
        """`finding` of the check called `check`, at a place of the stream or at none."""
        return Failure(
            check,
            self.implementation,
            self.workload,
            batch,
            position,
            finding.expected,
            finding.got,
            finding.allowed,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found wrong: at which reading of its evidence, if at one."""

    expected: str
    got: str
    allowed: str = "exact"
    index: int | None = None


@dataclass(frozen=True, eq=False)
class Window:
    """One window: its readings, the values handed back for them, and its statistics.

    Parameters
    ----------
    subject : Subject
    oracle : Oracle
    readings : Readings
        All of the window, in arrival order.
    values : float32[k]
        Handed back for them; k differs from their number only where the implementation is wrong.
    statistics : Statistics or None
        None where it handed back nothing that could be taken for statistics.
    first_position : int
        Of its first reading, in the stream.
    first_batch : int
    batch_ends : int64[b]
        Where each of its batches ends, counted from its first reading.
    """

    subject: Subject
    oracle: Oracle
    readings: Readings
    values: Floats
    statistics: Statistics | None
    first_position: int = 0
    first_batch: int = 0
    batch_ends: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def whole(self) -> bool:
        """Whether there is one value for each reading."""
        return len(self.values) == len(self.readings)

    @property
    def judged(self) -> Floats:
        """The values that belong to a reading: all, where the window is whole."""
        return self.values[: len(self.readings)]

    @cached_property
    def answer(self) -> Answer:
        """The exact answer for the readings that have a value."""
        return self.oracle.answer(self.readings[: len(self.judged)])

    @cached_property
    def whole_answer(self) -> Answer:
        """The exact answer for all readings."""
        return self.answer if len(self.judged) == len(self.readings) else self.oracle.answer(self.readings)

    @cached_property
    def groups(self) -> Groups:
        """The accepted values by sensor; only meaningful when the window is whole."""
        return group(self.answer, self.values)

    def closest(self) -> tuple[float, float, float] | None:
        """Share, error and allowed error of the value that comes closest to its bound; None without any."""
        accepted = self.answer.accepted
        if not accepted.any():
            return None
        error, allowed = errors(self.answer, self.judged), allowed_errors(self.answer)
        index = int(np.argmax(np.where(accepted, error / allowed, -1.0)))
        step = float(np.spacing(np.abs(np.float32(self.answer.high[index]))))
        return float(error[index] / allowed[index]), float(error[index] / step), float(allowed[index] / step)

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding` with its place in the stream."""
        position = batch = None
        if finding.index is not None:
            position = self.first_position + finding.index
            batch = self.first_batch + int(np.searchsorted(self.batch_ends, finding.index, side="right"))
        return self.subject.failure(check, finding, batch, position)


@dataclass(frozen=True, eq=False)
class Retained:
    """What `history` handed back, the readings given until then and the values handed back for them.

    `values` and `readings` are of equal length; `position` is that of the first of them in the stream.
    """

    subject: Subject
    oracle: Oracle
    readings: Readings
    values: Floats
    retain: int
    history: History

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Where among the readings those to be retained are, oldest first."""
        return self.oracle.newest_accepted(self.readings, self.retain)

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, its index being one into the retained readings."""
        position = None if finding.index is None else int(self.places[finding.index])
        return self.subject.failure(check, finding, None, position)


FEED, POLL, FLUSH, CLOSE, HISTORY = range(5)
"""Kinds of calls."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What the worker found wrong with the form of something, and after which call."""

    call: int
    rule: str
    expected: str
    got: str


@dataclass(frozen=True, eq=False)
class Run:
    """One run from start to end: its calls, what was wrong with the form, its windows and histories.

    Parameters
    ----------
    calls : int64[c, 3]
        Kind, readings given, values handed back.
    """

    subject: Subject
    calls: NDArray[np.int64]
    breaches: tuple[Breach, ...]
    windows: tuple[Window, ...]
    histories: tuple[Retained, ...]
    values: Floats

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, its index being that of a call."""
        batch = position = None
        if finding.index is not None:
            fed = self.calls[: finding.index + 1]
            batch = max(0, int(np.count_nonzero(fed[:, 0] == FEED)) - 1)
            position = int(fed[:-1, 1].sum()) if len(fed) else None
        return self.subject.failure(check, finding, batch, position)


@dataclass(frozen=True, eq=False)
class Twins:
    """Two runs of the same readings with the same windows, which must hand back the same.

    Parameters
    ----------
    difference : str
        What was different: "cut" or "hash seed".
    sums_bit_for_bit : bool
        Whether their sums, too; if not, each lies within its own bound.
    """

    difference: str
    first: Run
    second: Run
    sums_bit_for_bit: bool

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, its index being the position of a reading."""
        return self.second.subject.failure(check, finding, None, finding.index)


@dataclass(frozen=True, eq=False)
class Scenario:
    """A run of a small script of its own."""

    name: str
    run: Run

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, without a place."""
        return self.run.subject.failure(check, finding, None, None)


Evidence = Window | Retained | Run | Twins | Scenario


def statistics_of(arrays: Mapping[str, NDArray[Any]], unmatched: int, invalid: int) -> Statistics:
    """Statistics from arrays by name."""
    return Statistics(
        count=arrays["count"],
        sum=arrays["sum"],
        minimum=arrays["minimum"],
        maximum=arrays["maximum"],
        last=arrays["last"],
        unmatched=unmatched,
        invalid=invalid,
    )
