"""What a finding is."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters to the numbers."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One property of the machine and what it does to the numbers.

    Parameters
    ----------
    name
        Of the property, for instance ``governor``.
    state
        As found.
    effect
        What it does to the numbers; empty for nothing.
    remedy
        What to do about it; empty for nothing.
    severity
        A warning makes the numbers doubtful and is repeated at the top of every report.
    """

    name: str
    state: str
    effect: str = ""
    remedy: str = ""
    severity: Severity = Severity.GOOD

    def line(self) -> str:
        """The finding in one line."""
        return ": ".join(part for part in (self.name, self.state, self.effect) if part)


def unknown(name: str, state: str, remedy: str = "") -> Finding:
    """A property that could not be read."""
    return Finding(name, state, "its effect on the numbers is not known", remedy, Severity.UNKNOWN)
