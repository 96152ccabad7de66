"""Numbers as readers like them: three digits, grouped, in a unit that the column names.

>>> figure(118_532_100.0), figure(0.04123), figure(12.0), figure(0.0)
('119,000,000', '0.0412', '12.0', '0')
>>> in_words(118_532_100.0), times(2312.4), percent(0.0123)
('119 million', '2,310×', '1.2%')
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.units import count as count
from harness.units import figure

DASH = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"
LONGEST = 600
"""Characters of a cause that a table shows; the summary has all of it."""

_WORDS = ((1e9, "billion"), (1e6, "million"))


def span(low: float, high: float, digits: int = 3) -> str:
    """The ends of an interval.

    >>> span(1.182e8 / 1e6, 1.231e8 / 1e6), span(-0.5, 0.5)
    ('118–123', '-0.500 to 0.500')
    """
    between = " to " if low < 0 else DASH
    return f"{figure(low, digits)}{between}{figure(high, digits)}"


def in_words(value: float) -> str:
    """A large number as it is said."""
    for base, word in _WORDS:
        if abs(value) >= 0.9995 * base:
            return f"{figure(value / base)} {word}"
    return figure(value)


def times(ratio: float) -> str:
    """A ratio as so many times."""
    return f"{figure(ratio)}{TIMES}"


def percent(share: float) -> str:
    """A share as a percentage of two digits, at most two of them decimals, all of them from 10% on.

    >>> [percent(share) for share in (1.31, 0.2624, 0.0123, 0.00036, 0.00001, 0.0)]
    ['131%', '26%', '1.2%', '0.04%', '<0.01%', '0%']
    """
    value = abs(share) * 100
    sign = "-" if share < 0 else ""
    if value == 0:
        return "0%"
    if value < 0.01:
        return f"{sign}<0.01%"
    decimals = 0 if value >= 9.95 else 1 if value >= 0.995 else 2
    return f"{sign}{value:,.{decimals}f}%"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how much of the base unit it is."""

    name: str
    size: float

    def of(self, value: float) -> float:
        """`value`, given in the base unit, in this one."""
        return value / self.size


SECONDS = (Unit("s", 1.0), Unit("ms", 1e-3), Unit("µs", 1e-6), Unit("ns", 1e-9))
DECIMAL_BYTES = (Unit("GB", 1e9), Unit("MB", 1e6), Unit("kB", 1e3), Unit("B", 1))
"""As studies and disks count them."""
BYTES = (Unit("GiB", 2**30), Unit("MiB", 2**20), Unit("KiB", 2**10), Unit("B", 1))
COUNTS = (Unit("G", 1e9), Unit("M", 1e6), Unit("k", 1e3), Unit("", 1.0))
MEBIBYTE = BYTES[1]
MILLION = Unit("million", 1e6)


def common_unit(units: tuple[Unit, ...], values: Iterable[float | None]) -> Unit:
    """The largest unit in which the median of `values` is at least 1, so that a column needs only one.

    >>> common_unit(SECONDS, [0.25, 0.0008, 0.0007, None]).name
    'µs'
    """
    known = sorted(abs(value) for value in values if value)
    middle = known[(len(known) - 1) // 2] if known else 0.0
    return next((unit for unit in units if middle >= unit.size), units[-1])


def quantity(units: tuple[Unit, ...], value: float) -> str:
    """One value in the unit that fits it.

    >>> quantity(SECONDS, 0.00042), quantity(BYTES, 64 * 2**20), quantity(BYTES, 16)
    ('420 µs', '64.0 MiB', '16 B')
    """
    unit = common_unit(units, [value])
    shown = f"{value:.0f}" if unit.name == "B" else figure(unit.of(value))
    return f"{shown} {unit.name}".rstrip()


def round_number(value: float) -> str:
    """A round value as an axis has it, without a unit."""
    return f"{value:,.4g}"


def round_quantity(units: tuple[Unit, ...], value: float) -> str:
    """A round value as an axis has it.

    >>> round_quantity(COUNTS, 1e6), round_quantity(SECONDS, 2e-5)
    ('1 M', '20 µs')
    """
    unit = common_unit(units, [value])
    return f"{unit.of(value):.4g} {unit.name}".rstrip()


def moment(iso: str) -> str:
    """A moment in UTC to the minute, or the text as it is where it is none.

    >>> moment("2026-11-24T03:30:07+00:00"), moment("yesterday")
    ('2026-11-24 03:30 UTC', 'yesterday')
    """
    try:
        found = datetime.datetime.fromisoformat(iso).astimezone(datetime.UTC)
    except ValueError:
        return iso
    return f"{found:%Y-%m-%d %H:%M} UTC"


def duration(seconds: float) -> str:
    """A time that a person waits.

    >>> duration(252.0), duration(3.21), duration(7260.0)
    ('4 min 12 s', '3.21 s', '2 h 1 min')
    """
    if seconds < 100:
        return quantity(SECONDS, seconds)
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names as they stand in a sentence, those beyond `most` only counted.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed(list("abcdef"))
    ('a', 'a, b and c', 'a, b, c, d and 2 others')
    """
    shown = list(names[:most])
    if len(names) > most:
        shown.append(count(len(names) - most, "other"))
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def shortened(text: str, length: int) -> str:
    """`text`, cut in the middle where it is longer than `length`.

    >>> shortened("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= length:
        return text
    tail = (length - 1) // 2
    return f"{text[: length - 1 - tail]}…{text[len(text) - tail :]}"
