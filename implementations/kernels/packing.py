"""One block of readings as a few bits each, lossless.

Layout, in 64-bit words::

    0   widths in bits: row (bits 0-7), step (8-15), value (16-23); exceptions (24-43); readings (44-63)
    1   first time
    2   unit of time: the greatest common divisor of all steps from one time to the next
    3   smallest step, in units
    4   smallest row, and above it the smallest value
    5   rows, steps (one fewer), values: what exceeds the smallest, `width` bits each, one after the other;
        then the exceptions: place of the step (16 bits) and the whole step (64 bits)

Steps that would widen all others are exceptions and left out of the smallest and largest (frame of reference,
Goldstein et al. 1998; patched, Zukowski et al. 2006). Values are compared as whole numbers in the order of the
floats, so that readings of like size share their upper bits. Time arithmetic wraps modulo 2**64 both ways.
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
_SHIFT = np.uint64(6)
_WITHIN = np.uint64(63)
_MOST = np.int64(2**63 - 1)
_POSITION_BITS = np.uint64(16)
_EXCEPTION_BITS = 80
_SIZES = 65


def words_at_most(readings: int) -> int:
    """Words to pack a block of `readings` in, at most 65,536: enough if they do not compress at all."""
    return max(HEADER_WORDS + 2 * readings + 1, _SIZES)


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


@njit(uint64(int64), cache=True)
def size_of(step):  # type: ignore[no-untyped-def]
    """How many bits a step takes with its sign, 0 for 0."""
    return bits_of(np.uint64(step) << _ONE if step >= 0 else ~(np.uint64(step) << _ONE))


@njit(uint64(own(int64)), cache=True)
def differentiate(time):  # type: ignore[no-untyped-def]
    """Replace all times but the first by the steps that lead to them, in their greatest common divisor; return it."""
    for position in range(len(time) - 1, 0, -1):
        time[position] -= time[position - 1]
    unit = _ZERO
    for position in range(1, len(time)):
        rest = np.uint64(time[position]) if time[position] >= 0 else _ZERO - np.uint64(time[position])
        while rest:
            unit, rest = rest, unit % rest
        if unit == _ONE:
            return unit
    if unit > _ONE:
        for position in range(1, len(time)):
            if time[position] >= 0:
                time[position] = np.int64(np.uint64(time[position]) // unit)
            else:
                time[position] = -np.int64((_ZERO - np.uint64(time[position])) // unit)
    return max(unit, _ONE)


@njit(uint64(own(int64), own(uint64)), cache=True)
def cheapest_size(steps, with_size):  # type: ignore[no-untyped-def]
    """The size of a step above which storing it as an exception is cheaper than widening all.

    `with_size` is where steps are counted by size: at least uint64[65], overwritten.
    """
    with_size[:_SIZES] = _ZERO
    for position in range(1, len(steps)):
        with_size[size_of(steps[position])] += _ONE
    exceptions = np.int64(0)
    best, least = np.uint64(64), np.int64(64) * len(steps)
    for size in range(63, -1, -1):
        exceptions += np.int64(with_size[size + 1])
        cost = np.int64(size) * len(steps) + exceptions * _EXCEPTION_BITS
        if cost < least:
            best, least = np.uint64(size), cost
    return best


@njit([uint64(own(uint64), uint64, own(kind), kind, uint64) for kind in (uint32, int64)], cache=True)
def put_column(words, bit, numbers, low, width):  # type: ignore[no-untyped-def]
    """Append what `numbers` exceed `low` by, `width` bits each, at `bit`, from where on all is zero or rubbish.

    Returns the bit behind the last. A word is put together in a register and written once. Of a number that takes more
    bits the lower ones stand in for it.
    """
    if not width:
        return bit
    all_bits = ~_ZERO >> (_WORD - width)
    place, used = intp(bit >> _SHIFT), bit & _WITHIN
    word = words[place] & ~(~_ZERO << used)
    for position in range(len(numbers)):
        number = (np.uint64(numbers[position]) - np.uint64(low)) & all_bits
        word |= number << used
        used += width
        if used >= _WORD:
            words[place] = word
            place += 1
            used -= _WORD
            word = number >> (width - used) if used else _ZERO
    words[place] = word
    return (np.uint64(place) << _SHIFT) + used


@njit(uint64(own(uint64), uint64, uint64, uint64), cache=True)
def put(words, bit, number, width):  # type: ignore[no-untyped-def]
    """Append the `width` bits of one number at `bit`, as `put_column` does many."""
    place, used = intp(bit >> _SHIFT), bit & _WITHIN
    words[place] = words[place] & ~(~_ZERO << used) | number << used
    if used + width >= _WORD:
        words[place + 1] = number >> (_WORD - used) if used else _ZERO
    return bit + width


@njit(uint64(own(uint64), uint64, uint64), cache=True)
def get(words, bit, width):  # type: ignore[no-untyped-def]
    """The `width` bits at `bit`, one at least."""
    place, used = intp(bit >> _SHIFT), bit & _WITHIN
    number = words[place] >> used
    if used + width > _WORD:
        number |= words[place + 1] << (_WORD - used)
    return number & (~_ZERO >> (_WORD - width))


@njit([uint64(own(uint64), uint64, own(kind), kind, uint64) for kind in (uint32, int64)], cache=True)
def get_column(words, bit, numbers, low, width):  # type: ignore[no-untyped-def]
    """The inverse of `put_column`."""
    if not width:
        numbers[:] = low
        return bit
    all_bits = ~_ZERO >> (_WORD - width)
    place, used = intp(bit >> _SHIFT), bit & _WITHIN
    for position in range(len(numbers)):
        number = words[place] >> used
        used += width
        if used >= _WORD:
            place += 1
            used -= _WORD
            if used:
                number |= words[place] << (width - used)
        numbers[position] = (number & all_bits) + np.uint64(low)
    return (np.uint64(place) << _SHIFT) + used


@njit(types.UniTuple(intp, 2)(own(uint32), own(int64), own(uint32), own(uint64)), cache=True)
def pack(row, time, value, words):  # type: ignore[no-untyped-def]
    """Pack a block of at least one reading (`value` as bits) into `words`; times and values are lost in place.

    Returns how many words it took and how many times were stored as exceptions.
    """
    count = len(row)
    first = np.uint64(time[0])
    row_low, row_high, value_low, value_high = row[0], row[0], _ALL, np.uint32(0)
    for position in range(count):
        value[position] = ordered_of(value[position])
        value_low, value_high = min(value_low, value[position]), max(value_high, value[position])
        row_low, row_high = min(row_low, row[position]), max(row_high, row[position])
    unit = differentiate(time)
    limit = cheapest_size(time, words)
    step_low, step_high = np.int64(_MOST), -np.int64(_MOST)
    exceptions = 0
    for position in range(1, count):
        if size_of(time[position]) > limit:
            exceptions += 1
        else:
            step_low, step_high = min(step_low, time[position]), max(step_high, time[position])
    row_width = bits_of(np.uint64(row_high - row_low))
    value_width = bits_of(np.uint64(value_high - value_low))
    time_width = bits_of(np.uint64(step_high) - np.uint64(step_low)) if step_low <= step_high else _ZERO

    words[0] = row_width | time_width << np.uint64(8) | value_width << np.uint64(16)
    words[0] |= np.uint64(exceptions) << np.uint64(24) | np.uint64(count) << np.uint64(44)
    words[1] = first
    words[2] = unit
    words[3] = np.uint64(step_low)
    words[4] = np.uint64(row_low) | np.uint64(value_low) << np.uint64(32)
    bit = put_column(words, np.uint64(HEADER_WORDS * 64), row, row_low, row_width)
    bit = put_column(words, bit, time[1:], step_low, time_width)
    bit = put_column(words, bit, value, value_low, value_width)
    if exceptions:
        for position in range(1, count):
            if size_of(time[position]) > limit:
                bit = put(words, bit, np.uint64(position), _POSITION_BITS)
                bit = put(words, bit, np.uint64(time[position]), _WORD)
    return intp((bit + _WITHIN) >> _SHIFT), exceptions


@njit(void(own(uint64), own(uint32), own(int64), own(uint32)), cache=True)
def unpack(words, row, time, value):  # type: ignore[no-untyped-def]
    """The inverse of `pack`."""
    row_width = words[0] & np.uint64(0xFF)
    time_width = words[0] >> np.uint64(8) & np.uint64(0xFF)
    value_width = words[0] >> np.uint64(16) & np.uint64(0xFF)
    exceptions = intp(words[0] >> np.uint64(24) & np.uint64(0xFFFFF))
    count = intp(words[0] >> np.uint64(44))
    now, unit, step_low = words[1], words[2], np.int64(words[3])
    row_low, value_low = np.uint32(words[4]), np.uint32(words[4] >> np.uint64(32))
    bit = get_column(words, np.uint64(HEADER_WORDS * 64), row[:count], row_low, row_width)
    bit = get_column(words, bit, time[1:count], step_low, time_width)
    bit = get_column(words, bit, value[:count], value_low, value_width)
    for position in range(count):
        value[position] = bits_from(value[position])
    for _ in range(exceptions):
        place = intp(get(words, bit, _POSITION_BITS))
        time[place] = np.int64(get(words, bit + _POSITION_BITS, _WORD))
        bit += _POSITION_BITS + _WORD
    time[0] = np.int64(now)
    for position in range(1, count):
        now += np.uint64(time[position]) * unit
        time[position] = np.int64(now)


@njit(boolean(uint64), cache=True)
def holds_plain_times(first_word):  # type: ignore[no-untyped-def]
    """Whether the times of a block that begins with `first_word` did not compress at all."""
    return (first_word >> np.uint64(8) & np.uint64(0xFF)) == _WORD
