"""Evidence on a channel: what its sides were asked and what came of it, as frozen data for the checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Readings
from harness.measure.channels.tagged import indexes
from harness.results import Failure
from harness.verify.evidence import Finding, Subject

ASKED, FOUND, POSITION, TOOK_NS, CHANGED = range(5)
"""Columns of the calls of ``get``: most asked for, how many came, where, how long it took, what changed while held."""


@dataclass(frozen=True, eq=False)
class Passage:
    """What went into a channel and what came out of it, in order.

    Parameters
    ----------
    subject : Subject
    seed : int
        Of the readings that went in.
    first : int
        Index of the first that is to come out.
    went_in : int or None
        Readings from index 0 to this went in; None if the producer was killed and nobody can say.
    records : RECORD_DTYPE[n]
        Copies of all that came out.
    calls : int64[c, 5]
    dropped : int or None
        How many were dropped, by the channel's account; None where it makes none (the passage goes on).
    drops : bool
        Whether the channel drops the oldest readings when it is full.
    closed, ended : bool
        Whether the producer has ended the stream, and whether the consumer was told.
    form : str
        What was wrong with the form of something handed out; empty if nothing was.
    """

    subject: Subject
    seed: int
    went_in: int | None
    records: NDArray[np.void] = field(default_factory=lambda: np.empty(0, RECORD_DTYPE))
    calls: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 5), np.int64))
    first: int = 0
    dropped: int | None = 0
    drops: bool = False
    closed: bool = False
    ended: bool = False
    form: str = ""

    @cached_property
    def indexes(self) -> NDArray[np.int64]:
        """Which reading each of those that came out is; -1 for what is none."""
        return indexes(self.seed, Readings.of_records(self.records))

    @cached_property
    def whole(self) -> NDArray[np.int64]:
        """The indexes of those that are readings."""
        return self.indexes[self.indexes >= 0]

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, its index being the place among what came out."""
        call = None
        if finding.index is not None:
            call = int(np.searchsorted(np.cumsum(self.calls[:, FOUND]), finding.index, side="right"))
        return self.subject.failure(check, finding, call, finding.index)


@dataclass(frozen=True, slots=True)
class Wait:
    """A call with a timeout that could do nothing, or not all, until then: how long it took and what it did."""

    subject: Subject
    verb: str
    timeout_s: float
    took_s: float
    wanted: int
    moved: int
    capacity: int

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, without a place."""
        return self.subject.failure(check, finding)


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of a side whose other side is gone.

    Parameters
    ----------
    what : str
        "killed producer", "killed consumer" or "closed consumer".
    error : mapping or None
        Kind and text of what was raised; None if nothing was.
    instead : str
        What happened where nothing was raised.
    """

    subject: Subject
    what: str
    error: Mapping[str, str] | None
    instead: str

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, without a place."""
        return self.subject.failure(check, finding)


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was asked for that is to be refused, and what is not: the error's kind of each, None without one."""

    subject: Subject
    about: str
    expected: Mapping[str, bool]
    errors: Mapping[str, Mapping[str, str] | None]

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, without a place."""
        return self.subject.failure(check, finding)


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where a side that replaces a killed one goes on, and where it should."""

    subject: Subject
    role: str
    expected: int
    position: int

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, without a place."""
        return self.subject.failure(check, finding)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a scenario ended: who did not answer or died unasked, and what was left when all was destroyed."""

    subject: Subject
    stuck: str = ""
    left: tuple[str, ...] | None = ()

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding`, without a place."""
        return self.subject.failure(check, finding)


ChannelEvidence = Passage | Wait | Notice | Refusals | Resumption | Ending
