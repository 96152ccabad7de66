"""One claim of the study beside what was measured: how it is judged, and how its figures are shown."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from harness.results import Interval
from harness.units import figure
from reports.text import COUNTS, DECIMAL_BYTES, SECONDS, quantity

POINT_TOLERANCE = 0.05
"""A figure without an interval holds if it is within this of what was claimed."""


class Outcome(StrEnum):
    """What became of a claim."""

    HELD = "held"
    EXCEEDED = "exceeded"
    MISSED = "missed"
    NOT_TESTABLE = "not testable here"


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure of the study and what was measured.

    Parameters
    ----------
    group : "approaches", "phases" or "goals"
    subject, figure
        Whose, and which.
    claimed, measured, interval
        As they are shown; `measured` is empty where there is nothing.
    outcome : Outcome
    why
        On what it was measured, or why it was not.
    """

    group: str
    subject: str
    figure: str
    claimed: str
    measured: str
    interval: str
    outcome: Outcome
    why: str


def judge(claimed: float, measured: Interval, *, more_is_better: bool) -> Outcome:
    """Exceeded if the whole interval is better than the claim, missed if it is worse, else held.

    >>> judge(12, Interval(11.8, 11.1, 12.6), more_is_better=True).value
    'held'
    """
    if measured.low <= claimed <= measured.high:
        return Outcome.HELD
    return Outcome.EXCEEDED if (measured.low > claimed) == more_is_better else Outcome.MISSED


def _point(value: float) -> Interval:
    around = value * (1 - POINT_TOLERANCE), value * (1 + POINT_TOLERANCE)
    return Interval(value, min(around), max(around))


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rows of one subject share."""

    group: str
    subject: str

    def made(
        self,
        figure: str,
        claimed: float,
        measured: Interval | None,
        show: Callable[[float], str],
        why: str,
        *,
        more_is_better: bool = True,
        point: bool = False,
    ) -> Claim:
        """Judge a claim: what is measured has an interval, or is a `point`; None cannot be tested."""
        if measured is None:
            return self.untestable(figure, show(claimed), why)
        outcome = judge(claimed, _point(measured.median) if point else measured, more_is_better=more_is_better)
        interval = "" if point else f"{show(measured.low)} to {show(measured.high)}"
        return Claim(self.group, self.subject, figure, show(claimed), show(measured.median), interval, outcome, why)

    def untestable(self, figure: str, claimed: str, why: str, measured: str = "") -> Claim:
        """Say why a claim cannot be tested."""
        return Claim(self.group, self.subject, figure, claimed, measured, "", Outcome.NOT_TESTABLE, why)


def rate(value: float) -> str:
    """Readings a second."""
    return f"{quantity(COUNTS, value)}/s"


def duration(value: float) -> str:
    """Seconds."""
    return quantity(SECONDS, value)


def as_cut(share: float) -> str:
    """How much less than before, as a change.

    >>> as_cut(0.73), as_cut(-0.31), as_cut(0.993)
    ('-73.0%', '+31.0%', '-99.3%')
    """
    return f"{'+' if share < 0 else '-'}{figure(abs(100 * share))}%"


def amount(value: float) -> str:
    """Bytes in decimal units, as the study's are."""
    return quantity(DECIMAL_BYTES, value)


def exactly(value: float) -> Interval:
    """A figure without an interval."""
    return Interval(value, value, value)
