"""Seconds, bytes, counts and rates: from text and back.

>>> parse_seconds("100ms"), parse_bytes("64MiB"), parse_count("1e6")
(0.1, 67108864, 1000000)
>>> format_rate(12_345_678), format_seconds(0.00042), format_bytes(67108864)
('12.3M/s', '420 us', '64.0 MiB')
"""

import math
import re

from harness.errors import UsageError

_WHOLE = r"(?:\d{1,3}(?:,\d{3})+|\d[\d_]*)"  # a comma stands between thousands, never before a fraction
_NUMBER = rf"([+-]?(?:{_WHOLE}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
_SECONDS = {
    "": 1.0,
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "m": 60.0,
    "h": 3600.0,
}
_BYTES = {"": 1, "b": 1} | {
    f"{letter}{suffix}": base ** (power + 1)
    for power, letter in enumerate("kmgt")
    for suffix, base in (("", 1000), ("b", 1000), ("ib", 1024), ("i", 1024))
}
_COUNTS = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9}


def _parse(text: str, units: dict[str, float] | dict[str, int], what: str, example: str) -> float:
    match = re.fullmatch(rf"\s*{_NUMBER}\s*([a-zA-Zµ]*)\s*", text)
    unit = match.group(2).lower() if match else ""
    if match is None or unit not in units:
        commas = " (a comma stands between thousands alone: 1.5, 1,500)" if "," in text else ""
        raise UsageError(f"{text!r} is not {what}; write it like {example}{commas}")
    value = float(match.group(1).replace("_", "").replace(",", "")) * units[unit]
    if not math.isfinite(value):
        raise UsageError(f"{text!r} is too large for {what}; write it like {example}")
    return value


def parse_seconds(text: str) -> float:
    """Seconds in a text such as ``100ms``, ``2 min`` or ``0.5``; raises UsageError on anything else."""
    value = _parse(text, _SECONDS, "a duration", "100ms, 2s or 5min")
    if value <= 0:
        raise UsageError(f"{text!r} is not a duration above zero; write it like 100ms, 2s or 5min")
    return value


def parse_bytes(text: str) -> int:
    """Bytes in a text such as ``64MiB`` or ``16GB``; raises UsageError on anything else."""
    value = _parse(text, _BYTES, "an amount of memory", "64MiB or 16GB")
    if value < 1:
        raise UsageError(f"{text!r} is not an amount of memory above zero; write it like 64MiB or 16GB")
    return int(value)


def parse_rate(text: str) -> float:
    """Readings per second in a text such as ``1e6``, ``1M`` or ``1M/s``; raises UsageError on anything else."""
    value = _parse(text.removesuffix("/s"), _COUNTS, "a rate", "1e6 or 1M/s")
    if value <= 0 or value > 1e12:
        raise UsageError(f"{text!r} is not a rate above 0 and up to 1e12 readings/s; write it like 1e6 or 1M/s")
    return value


def parse_count(text: str) -> int:
    """A whole number in a text such as ``1000``, ``1e6`` or ``1M``; raises UsageError on anything else."""
    value = _parse(text, _COUNTS, "a count", "1000, 1e6 or 1M")
    if value < 0 or value != int(value) or value > 2**62:
        raise UsageError(f"{text!r} is not a whole number of 0 or more; write it like 1000, 1e6 or 1M")
    return int(value)


def _scaled(value: float, base: float, letters: list[str]) -> tuple[float, str]:
    power = 0
    while abs(value) >= base * 0.9995 and power < len(letters) - 1:
        value /= base
        power += 1
    return value, letters[power]


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


def count(number: int, one: str, many: str = "") -> str:
    """A counted noun.

    >>> count(1, "cell"), count(3, "reading"), count(0, "verdict"), count(2, "entry", "entries")
    ('1 cell', '3 readings', '0 verdicts', '2 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def format_count(value: float) -> str:
    """A count with three digits: ``1.00M``."""
    scaled, letter = _scaled(value, 1000.0, ["", "k", "M", "G", "T"])
    return (f"{scaled:,.0f}" if not letter and scaled == int(scaled) else figure(scaled)) + letter


def format_rate(value_per_s: float) -> str:
    """Readings per second with three digits: ``12.3M/s``."""
    return format_count(value_per_s) + "/s"


def format_bytes(value_bytes: float) -> str:
    """Bytes in binary units with three digits: ``64.0 MiB``."""
    scaled, letter = _scaled(float(value_bytes), 1024.0, ["B", "KiB", "MiB", "GiB", "TiB"])
    return (f"{scaled:.0f}" if letter == "B" else figure(scaled)) + " " + letter


def format_seconds(value_s: float) -> str:
    """A duration with three digits in the unit that fits: ``420 us``, ``2 min 5 s``."""
    if abs(value_s) >= 120:
        minutes, seconds = divmod(round(value_s), 60)
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    for factor, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if abs(value_s) >= factor * 0.9995:
            return f"{figure(value_s / factor)} {unit}"
    return f"{figure(value_s / 1e-9)} ns"
