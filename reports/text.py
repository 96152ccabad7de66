"""Numbers as readers like them: three digits, grouped, in a unit that the column names.

>>> figure(118_532_100.0), figure(0.04123), figure(12.0), figure(0.0)
('119,000,000', '0.0412', '12.0', '0')
>>> in_words(118_532_100.0), times(2312.4), percent(0.0123)
('119 million', '2,310×', '1.2%')
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

DASH = "\N{EN DASH}"
TIMES = "\N{MULTIPLICATION SIGN}"
_WORDS = ((1e9, "billion"), (1e6, "million"))


def figure(value: float, digits: int = 3) -> str:
    """`value` to so many significant digits, without an exponent down to a millionth."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return str(value)
    value = float(f"{value:.{digits - 1}e}")
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude < -6:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{max(0, digits - 1 - magnitude)}f}"


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


def percent(share: float, digits: int = 2) -> str:
    """A share as a percentage.

    >>> percent(0.262, 3), percent(1.0), percent(0.0)
    ('26.2%', '100%', '0%')
    """
    return figure(share * 100, 3 if abs(share) >= 0.995 else digits).removesuffix(".0") + "%"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how much of the base unit it is."""

    name: str
    size: float

    def of(self, value: float) -> float:
        """`value`, given in the base unit, in this one."""
        return value / self.size


SECONDS = (Unit("s", 1.0), Unit("ms", 1e-3), Unit("µs", 1e-6), Unit("ns", 1e-9))
BYTES = (Unit("GiB", 2**30), Unit("MiB", 2**20), Unit("KiB", 2**10), Unit("bytes", 1))
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

    >>> quantity(SECONDS, 0.00042), quantity(BYTES, 64 * 2**20)
    ('420 µs', '64.0 MiB')
    """
    unit = common_unit(units, [value])
    return f"{figure(unit.of(value))} {unit.name}".rstrip()


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


def count(number: int, one: str, many: str = "") -> str:
    """A counted noun.

    >>> count(1, "cell"), count(3, "reading"), count(0, "verdict")
    ('1 cell', '3 readings', '0 verdicts')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shortened(text: str, length: int) -> str:
    """`text`, cut in the middle where it is longer than `length`.

    >>> shortened("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= length:
        return text
    tail = (length - 1) // 2
    return f"{text[: length - 1 - tail]}…{text[len(text) - tail :]}"
