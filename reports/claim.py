"""One claim of the study beside what was measured: how it is judged, and how its figures are shown."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from harness.results import Interval
from harness.units import figure
from reports.text import COUNTS, DECIMAL_BYTES, SECONDS, quantity

TOLERANCE = 0.1
"""A claim holds where what was measured is surely no worse than it by more than this share of it."""


class Outcome(StrEnum):
    """What became of a claim."""

    HELD = "held"
    EXCEEDED = "exceeded"
    MISSED = "missed"
    INCONCLUSIVE = "inconclusive"
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
    """Place the whole interval beside the claim with `TOLERANCE` around it.

    Exceeded if it lies beyond that on the better side, missed if it does on the worse side; held if no part of it is
    worse than that; else inconclusive: the claim may be as true as false, the interval is too wide to tell.

    >>> [judge(12, Interval(*found), more_is_better=True).value for found in ((11.5, 11.4, 11.6), (3, 0.5, 18))]
    ['held', 'inconclusive']
    """
    around = sorted((claimed * (1 - TOLERANCE), claimed * (1 + TOLERANCE)))
    if more_is_better:
        worst, best, (least, most) = measured.low, measured.high, around
    else:  # the same, with all signs turned
        worst, best, least, most = -measured.high, -measured.low, -around[1], -around[0]
    if worst > most:
        return Outcome.EXCEEDED
    if best < least:
        return Outcome.MISSED
    return Outcome.HELD if worst >= least else Outcome.INCONCLUSIVE


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
        """Judge a claim: what is measured has an interval, or is a `point` without one; None cannot be tested."""
        if measured is None:
            return self.untestable(figure, show(claimed), why)
        outcome = judge(claimed, measured, more_is_better=more_is_better)
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
