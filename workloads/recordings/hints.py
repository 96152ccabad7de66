"""What a user says of a file that it does not say of itself: which column is what, and the unit of its times."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields

PLACES = {"s": 9, "ms": 6, "us": 3, "ns": 0}
"""The units of epoch numbers, with the decimal places from each to nanoseconds."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Names of columns and a unit; what is None is told by the file.

    Parameters
    ----------
    time, sensor, value : str or None
        Names of columns, compared without case.
    time_unit : str or None
        Of epoch numbers: one of `PLACES`.
    """

    time: str | None = None
    sensor: str | None = None
    value: str | None = None
    time_unit: str | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The options of the command line that say something."""
        return tuple(option_of(part.name) for part in fields(self) if getattr(self, part.name) is not None)


def option_of(part: str) -> str:
    """The option of the command line that sets this part of the hints."""
    return "--time-unit" if part == "time_unit" else f"--{part}-column"


def find_named(names: Sequence[str], wanted: str) -> int | None:
    """Index of the column called `wanted`: written the same if there is one, else in any case."""
    exact = [_composed(name) for name in names]
    if _composed(wanted) in exact:
        return exact.index(_composed(wanted))
    folded = [name.casefold() for name in exact]
    return folded.index(_composed(wanted).casefold()) if _composed(wanted).casefold() in folded else None


def _composed(name: str) -> str:
    """One spelling of what has several in Unicode, such as letters with dots above them."""
    return unicodedata.normalize("NFC", name.strip())
