"""A column of times as nanoseconds since the epoch, exactly: ISO text, epoch numbers, timestamps, days as numbers."""

import datetime
import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.recordings.cells import CellError, quoted, shortened
from workloads.recordings.compact_times import compact_ns
from workloads.recordings.hints import PLACES, option_of

Times = NDArray[np.int64]

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_FRACTION = re.compile(r"(.*:\d\d)[.,](\d+)(.*)", re.DOTALL)
_COMPACT = r"^(\d{8}|\d{12}|\d{14})$"
_UTC = re.compile(r"\s*(UTC|GMT|Z)$", re.IGNORECASE)
_UNITS = ((1e11, "s", 9), (1e14, "ms", 6), (1e17, "us", 3))
_EXPECTED = "expected an ISO time such as 2024-05-01T12:00:00.5Z or an epoch number in s, ms, us or ns"
_EXPECTED_COMPACT = "expected a day such as 20240501, or 20240501123045 with the time of day, as in the rows before"
_REMEDY = "mend it"
_RANGE = "expected one between the years 1678 and 2261"
_EXACT = Context(prec=400)
_LIMITS = np.iinfo(np.int64)
_PER_DAY_S = 86_400


class TimeColumn:
    """Reads the time column of one file block by block.

    An epoch number's unit is told by its magnitude, once, from the largest time of the first block: below 1e11 it is
    seconds, below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds. Whole numbers that are all days of the
    calendar, such as 20240501, are days (see :mod:`workloads.recordings.compact_times`). Naive times are UTC.

    Parameters
    ----------
    name
        For messages.
    unit
        s, ms, us or ns: what all times are epoch numbers in, whatever their magnitude.
    may_be_comma
        Whether epoch numbers may have a decimal comma.
    """

    def __init__(self, name: str, unit: str | None = None, may_be_comma: bool = False) -> None:
        self._name = name
        self._given_unit = unit
        self._expected = _EXPECTED if unit is None else f"expected an epoch number in {unit}"
        self._may_be_comma = may_be_comma
        self._unit = None if unit is None else (unit, PLACES[unit])
        self._is_compact: bool | None = None if unit is None else False

    def nanoseconds(self, column: Any) -> Times:
        """The times of the Arrow array `column`.

        Raises
        ------
        CellError
            At the first cell that is no time or lies outside what int64 nanoseconds can hold.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = column.type
        if pa.types.is_dictionary(kind):
            return self.nanoseconds(column.dictionary_decode())
        if pa.types.is_string_view(kind):
            return self.nanoseconds(column.cast(pa.string()))
        if self._given_unit is not None and pa.types.is_temporal(kind):
            problem = f"column {quoted(self._name)} holds {kind}, whose unit is settled"
            raise CellError(0, problem, f"leave out {option_of('time_unit')}")
        if column.null_count:
            raise self._error(pc.index(pc.is_null(column), True).as_py(), "nothing", self._expected)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._from_text(column)
        if pa.types.is_date(kind):
            return self.nanoseconds(column.cast(pa.timestamp("s")))
        if pa.types.is_timestamp(kind):
            return self._from_timestamps(column)
        if pa.types.is_decimal(kind):
            return self._from_text(column.cast(pa.string()))
        if pa.types.is_integer(kind):
            return self._from_integers(column)
        if pa.types.is_floating(kind):
            return self._from_floats(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        raise CellError(
            0, f"column {quoted(self._name)} holds {shortened(str(kind))}; {self._expected}", "convert it to times"
        )

    def _error(self, row: int, given: str, expected: str) -> CellError:
        return CellError(row, f"column {quoted(self._name)} holds {given}; {expected}", _REMEDY)

    def _shift(self, magnitude: float) -> int:
        """Decimal places from the column's unit to nanoseconds."""
        if self._unit is None:
            fitting = ((unit, places) for limit, unit, places in _UNITS if magnitude < limit)
            self._unit = next(fitting, ("ns", 0))
        return self._unit[1]

    def _out_of_range(self, row: int, given: str) -> CellError:
        unit = f" {self._unit[0]}" if self._unit else ""
        return self._error(row, f"the time {given}{unit}", _RANGE)

    def _from_timestamps(self, column: Any) -> Times:
        import pyarrow as pa

        places = PLACES[column.type.unit]
        raw = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
        return self._scaled(raw, 10**places)

    def _from_integers(self, column: Any) -> Times:
        import pyarrow as pa
        import pyarrow.compute as pc

        if column.type == pa.uint64() and len(column) and pc.max(column).as_py() > _LIMITS.max:
            row = pc.index(column, pc.max(column)).as_py()
            raise self._out_of_range(row, str(column[row].as_py()))
        raw = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
        days = self._days(raw)
        if days is not None:
            return days
        return self._scaled(raw, 10 ** self._shift(float(np.abs(raw.astype(np.float64)).max(initial=0))))

    def _days(self, raw: Times) -> Times | None:
        """`raw` as days of the calendar, if the first block's numbers were all such."""
        if self._is_compact is False or not len(raw):
            return None
        times, is_time = compact_ns(raw)
        if self._is_compact is None:
            self._is_compact = bool(is_time.all())
            return times if self._is_compact else None
        if not is_time.all():
            row = int(np.argmin(is_time))
            raise self._error(row, f"the time {raw[row]}", _EXPECTED_COMPACT)
        return times

    def _scaled(self, raw: Times, factor: int) -> Times:
        # Floor division of the limits: what passes stays inside int64 when multiplied.
        outside = np.flatnonzero((raw > _LIMITS.max // factor) | (raw < -(_LIMITS.max // factor) - (factor == 1)))
        if len(outside):
            raise self._out_of_range(int(outside[0]), str(raw[outside[0]]))
        scaled: Times = raw * np.int64(factor)
        return scaled

    def _from_floats(self, raw: NDArray[np.float64]) -> Times:
        odd = np.flatnonzero(~np.isfinite(raw))
        if len(odd):
            raise self._error(int(odd[0]), str(raw[odd[0]]), self._expected)
        factor = 10 ** self._shift(float(np.abs(raw).max(initial=0)))
        whole = np.floor(raw)
        outside = np.flatnonzero(np.abs(whole) >= _LIMITS.max // factor)
        if len(outside):
            raise self._out_of_range(int(outside[0]), str(raw[outside[0]]))
        # The difference is exact, so only the last rounding to whole nanoseconds is not.
        rest = np.rint((raw - whole) * factor).astype(np.int64)
        scaled: Times = whole.astype(np.int64) * np.int64(factor) + rest
        return scaled

    def _from_text(self, column: Any) -> Times:
        import pyarrow as pa

        if not len(column):
            return np.empty(0, np.int64)
        if self._unit is not None or _NUMBER.fullmatch(self._pointed(column[0].as_py())):
            return self._from_numerals(column)
        for kind in (pa.timestamp("ns"), pa.timestamp("ns", "UTC")):
            try:
                times: Times = column.cast(kind).cast(pa.int64()).to_numpy(zero_copy_only=False)
            except pa.ArrowInvalid:
                continue
            return times
        return self._one_by_one(column, _iso_ns)

    def _from_numerals(self, column: Any) -> Times:
        """Epoch numbers in decimal text, without a detour over binary fractions."""
        import pyarrow as pa
        import pyarrow.compute as pc

        trimmed = pc.utf8_trim_whitespace(column)
        if self._may_be_comma:
            trimmed = pc.replace_substring(trimmed, ",", ".", max_replacements=1)
        days = self._days_of_text(trimmed)
        if days is not None:
            return days
        try:
            magnitude = pc.max(pc.abs(trimmed.cast(pa.float64()))).as_py()
            scale = self._shift(magnitude)
            unscaled = trimmed.cast(pa.decimal128(38, scale))
        except pa.ArrowInvalid:
            if self._unit is None:
                self._shift(max(map(_magnitude, trimmed.to_pylist())))
            return self._one_by_one(column, self._decimal_ns)
        low, high = _words(unscaled)
        outside = np.flatnonzero(high != low >> 63)
        if len(outside):
            raise self._out_of_range(int(outside[0]), column[int(outside[0])].as_py())
        return low

    def _days_of_text(self, trimmed: Any) -> Times | None:
        """The texts as days of the calendar, if the first block's were all such."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._is_compact is False:
            return None
        is_whole = pc.match_substring_regex(trimmed, _COMPACT)
        if pc.all(is_whole).as_py():
            return self._days(trimmed.cast(pa.int64()).to_numpy(zero_copy_only=False))
        if self._is_compact:
            row = pc.index(is_whole, False).as_py()
            raise self._error(row, quoted(trimmed[row].as_py()), _EXPECTED_COMPACT)
        self._is_compact = False
        return None

    def _decimal_ns(self, text: str) -> int:
        """A decimal number in the column's unit, rounded to whole nanoseconds."""
        assert self._unit is not None
        pointed = self._pointed(text)
        if not _NUMBER.fullmatch(pointed):
            raise ValueError(text)
        number = Decimal(pointed)
        if not number or number.adjusted() < -100:
            return 0
        if number.adjusted() > 25:
            raise OverflowError(text)
        return int(number.scaleb(self._unit[1], _EXACT).to_integral_value(ROUND_HALF_EVEN, _EXACT))

    def _pointed(self, text: str) -> str:
        return text.replace(",", ".", 1) if self._may_be_comma else text

    def _one_by_one(self, column: Any, read: Callable[[str], int]) -> Times:
        known: dict[str, int] = {}
        times = np.empty(len(column), np.int64)
        for row, text in enumerate(column.to_pylist()):
            if text not in known:
                try:
                    known[text] = read(text)
                    times[row] = known[text]
                except (OverflowError, DecimalException) as error:
                    raise self._out_of_range(row, quoted(text)) from error
                except ValueError as error:
                    raise self._error(row, quoted(text) if text.strip() else "a blank", self._expected) from error
            times[row] = known[text]
        return times


def _magnitude(text: str) -> float:
    return abs(float(text)) if _NUMBER.fullmatch(text) else 0.0


def _words(decimals: Any) -> tuple[Times, Times]:
    """Lower and upper 64 bits of the unscaled values of a decimal128 array."""
    if hasattr(decimals, "combine_chunks"):
        decimals = decimals.combine_chunks()
    words = np.frombuffer(decimals.buffers()[1], "<i8").reshape(-1, 2)
    words = words[decimals.offset : decimals.offset + len(decimals)]
    return words[:, 0].astype(np.int64), words[:, 1].astype(np.int64)


def _iso_ns(text: str) -> int:
    """An ISO 8601 time as ns since the epoch; naive is UTC; at most nine digits of fraction."""
    plain, fraction_ns = _UTC.sub("+00:00", text.strip()), 0
    if match := _FRACTION.fullmatch(plain):
        digits = match.group(2)
        if len(digits) > 9:
            raise ValueError(text)
        plain, fraction_ns = match.group(1) + match.group(3), int(digits.ljust(9, "0"))
    moment = datetime.datetime.fromisoformat(plain)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return ((since.days * _PER_DAY_S + since.seconds) * 1_000_000 + since.microseconds) * 1000 + fraction_ns
