"""One block of readings as a few bits each, lossless.

Layout, in 64-bit words, behind five words of header::

    0   widths in bits: row (bits 0-7), time (8-15), value (16-23); bit 24: times as offsets; the count above bit 32
    1   first time, or the smallest where times are offsets
    2   unit of time: the greatest common divisor of the time differences
    3   smallest time difference, in units; unused where times are offsets
    4   smallest row, and above it the smallest value
    5   rows, then times, then values: what exceeds the smallest, `width` bits each, one after the other

(Frame of reference, Goldstein et al. 1998.) A block in arrival order has small time differences; one out of order
may have smaller offsets: the shorter wins. Values are compared as whole numbers in the order of the floats, so
that readings of like size share their upper bits. Time arithmetic wraps modulo 2**64, and so do its inverses.
"""

import numpy as np
from numba import boolean, int64, intp, njit, types, uint32, uint64, void

from implementations.kernels.signatures import own

HEADER_WORDS = 5
_SIGN = np.uint32(0x80000000)
_ALL = np.uint32(0xFFFFFFFF)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_WORD = np.uint64(64)
_HALF_RANGE = np.uint64(1 << 63)


def words_at_most(readings: int) -> int:
    """The size of a block of `readings` that does not compress at all."""
    return HEADER_WORDS + 2 * readings


@njit(uint64(uint64), cache=True)
def bits_of(number):  # type: ignore[no-untyped-def]
    """How many bits `number` takes; 0 for 0."""
    bits = _ZERO
    while number:
        number >>= _ONE
        bits += _ONE
    return bits


@njit(uint32(uint32), cache=True)
def ordered_of(bits):  # type: ignore[no-untyped-def]
    """The bits of a float32 as a whole number that is ordered as the floats are."""
    return bits ^ (_ALL if bits & _SIGN else _SIGN)


@njit(uint32(uint32), cache=True)
def bits_from(ordered):  # type: ignore[no-untyped-def]
    """The inverse of `ordered_of`."""
    return ordered ^ (_SIGN if ordered & _SIGN else _ALL)


@njit(uint64(own(int64), intp), cache=True)
def unit_of(time, count):  # type: ignore[no-untyped-def]
    """The greatest common divisor of all time differences, at least 1."""
    unit = _ZERO
    for position in range(1, count):
        rest = np.uint64(time[position]) - np.uint64(time[position - 1])
        if time[position] < time[position - 1]:
            rest = _ZERO - rest
        while rest:
            unit, rest = rest, unit % rest
        if unit == _ONE:
            break
    return max(unit, _ONE)


@njit(int64(int64, int64, uint64), cache=True)
def steps_between(earlier, later, unit):  # type: ignore[no-untyped-def]
    """`later - earlier` in units; exact, as the unit divides it."""
    if later < earlier:
        return -np.int64((np.uint64(earlier) - np.uint64(later)) // unit)
    return np.int64((np.uint64(later) - np.uint64(earlier)) // unit)


@njit(types.UniTuple(uint64, 2)(own(uint64), uint64, uint64, uint64, uint64), cache=True, inline="always")
def put(words, place, used, number, width):  # type: ignore[no-untyped-def]
    """Append `number` at bit `used` of word `place`, whose unused bits are zero; return the next place and bit."""
    words[place] |= number << used
    used += width
    if used >= _WORD:
        used -= _WORD
        place += _ONE
        words[place] = number >> (width - used) if used else _ZERO
    return place, used


@njit(uint64(own(uint64), uint64, uint64), cache=True, inline="always")
def get(words, bit, width):  # type: ignore[no-untyped-def]
    """The `width` bits at `bit`."""
    if not width:
        return _ZERO
    place = bit >> np.uint64(6)
    used = bit & np.uint64(63)
    number = words[place] >> used
    if used + width > _WORD:
        number |= words[place + _ONE] << (_WORD - used)
    return number & (~_ZERO >> (_WORD - width))


@njit(intp(own(uint32), own(int64), own(uint32), intp, own(uint64)), cache=True)
def pack(row, time, value, count, words):  # type: ignore[no-untyped-def]
    """Pack `count` readings (at least one; `value` as bits) into `words`; return how many words they took."""
    row_low, row_high = row[0], row[0]
    time_low, time_high = time[0], time[0]
    value_low, value_high = ordered_of(value[0]), ordered_of(value[0])
    for position in range(1, count):
        row_low, row_high = min(row_low, row[position]), max(row_high, row[position])
        time_low, time_high = min(time_low, time[position]), max(time_high, time[position])
        ordered = ordered_of(value[position])
        value_low, value_high = min(value_low, ordered), max(value_high, ordered)
    span = np.uint64(time_high) - np.uint64(time_low)
    unit = unit_of(time, count) if span < _HALF_RANGE else _ONE
    step_low, step_high = np.int64(0), np.int64(0)
    for position in range(1, count):
        step = np.int64(np.uint64(time[position]) - np.uint64(time[position - 1]))
        if unit != _ONE:
            step = steps_between(time[position - 1], time[position], unit)
        if position == 1:
            step_low, step_high = step, step
        step_low, step_high = min(step_low, step), max(step_high, step)
    row_width = bits_of(np.uint64(row_high - row_low))
    value_width = bits_of(np.uint64(value_high - value_low))
    time_width = bits_of(np.uint64(step_high) - np.uint64(step_low))
    as_offsets = bits_of(span // unit) < time_width
    if as_offsets:
        time_width = bits_of(span // unit)

    words[0] = (
        row_width
        | time_width << np.uint64(8)
        | value_width << np.uint64(16)
        | (_ONE if as_offsets else _ZERO) << np.uint64(24)
        | np.uint64(count) << np.uint64(32)
    )
    words[1] = np.uint64(time_low) if as_offsets else np.uint64(time[0])
    words[2] = unit
    words[3] = np.uint64(step_low)
    words[4] = np.uint64(row_low) | np.uint64(value_low) << np.uint64(32)
    words[HEADER_WORDS] = _ZERO
    place, used = np.uint64(HEADER_WORDS), _ZERO
    for position in range(count):
        place, used = put(words, place, used, np.uint64(row[position] - row_low), row_width)
    for position in range(count):
        if as_offsets:
            number = (np.uint64(time[position]) - np.uint64(time_low)) // unit
        elif position == 0:
            number = _ZERO
        elif unit == _ONE:
            number = np.uint64(time[position]) - np.uint64(time[position - 1]) - np.uint64(step_low)
        else:
            number = np.uint64(steps_between(time[position - 1], time[position], unit)) - np.uint64(step_low)
        place, used = put(words, place, used, number, time_width)
    for position in range(count):
        place, used = put(words, place, used, np.uint64(ordered_of(value[position]) - value_low), value_width)
    return np.intp(place) + (1 if used else 0)


@njit(void(own(uint64), own(uint32), own(int64), own(uint32)), cache=True)
def unpack(words, row, time, value):  # type: ignore[no-untyped-def]
    """The inverse of `pack`."""
    row_width = words[0] & np.uint64(0xFF)
    time_width = words[0] >> np.uint64(8) & np.uint64(0xFF)
    value_width = words[0] >> np.uint64(16) & np.uint64(0xFF)
    as_offsets = (words[0] >> np.uint64(24) & _ONE) == _ONE
    count = np.intp(words[0] >> np.uint64(32))
    unit, step_low = words[2], words[3]
    row_low, value_low = np.uint32(words[4]), np.uint32(words[4] >> np.uint64(32))
    bit = np.uint64(HEADER_WORDS * 64)
    for position in range(count):
        row[position] = row_low + np.uint32(get(words, bit, row_width))
        bit += row_width
    now = words[1]
    for position in range(count):
        number = get(words, bit, time_width)
        bit += time_width
        if as_offsets:
            now = words[1] + number * unit
        elif position:
            now += (number + step_low) * unit
        time[position] = np.int64(now)
    for position in range(count):
        value[position] = bits_from(value_low + np.uint32(get(words, bit, value_width)))
        bit += value_width


@njit(boolean(uint64), cache=True)
def holds_plain_times(first_word):  # type: ignore[no-untyped-def]
    """Whether the times of a block that begins with `first_word` did not compress at all."""
    return (first_word >> np.uint64(8) & np.uint64(0xFF)) == _WORD
