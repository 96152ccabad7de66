"""Seconds, bytes, rates and counts are read as they are meant, or refused with how to write them."""

from collections.abc import Callable

import pytest

from harness.errors import UsageError
from harness.units import parse_bytes, parse_count, parse_rate, parse_seconds


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (parse_seconds, "1.5ms", 0.0015),
        (parse_seconds, ".5", 0.5),
        (parse_seconds, "1,000.5", 1000.5),
        (parse_bytes, "1,024", 1024),
        (parse_bytes, "0.5 GiB", 1 << 29),
        (parse_rate, "1,000,000/s", 1e6),
        (parse_count, "10_000", 10_000),
        (parse_count, "12,345,678", 12_345_678),
    ],
)
def test_what_is_meant(parse: Callable[[str], float], text: str, expected: float) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("parse", [parse_seconds, parse_bytes, parse_rate, parse_count])
@pytest.mark.parametrize("text", ["0,5", "1,5", "1,50", "1,5000", "1000,000", "1,000,00", "1,,000", ",500", "1,000,"])
def test_a_decimal_comma_is_not_passed_over(parse: Callable[[str], float], text: str) -> None:
    with pytest.raises(UsageError, match=r"write it like .* \(a comma stands between thousands alone"):
        parse(text)


@pytest.mark.parametrize("parse", [parse_seconds, parse_bytes, parse_rate, parse_count])
def test_what_is_too_large_is_said_in_english(parse: Callable[[str], float]) -> None:
    with pytest.raises(UsageError, match=r"'1e400' is too large for (an amount of memory|a duration|a rate|a count); "):
        parse("1e400")
