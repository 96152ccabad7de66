"""What goes wrong with readings: the faults that the dirty workload is made of."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.contract import MAX_VALUE, Floats
from workloads.signals import Words, bits, raw_words, scattered_ids

_S_NS = 1_000_000_000
_SMALLEST_TIME, _LARGEST_TIME = np.iinfo(np.int64).min, np.iinfo(np.int64).max
_ABOVE = np.nextafter(np.float32(MAX_VALUE), np.float32(np.inf))
_LARGEST = np.finfo(np.float32).max

IN_1024 = {
    "unknown id": 20,
    "unknown id and NaN": 6,
    "NaN": 8,
    "NaN with sign and payload": 6,
    "infinity": 8,
    "too large": 8,
    "largest legal": 6,
    "negative zero": 10,
    "zero": 6,
    "subnormal": 12,
    "late": 40,
    "hour ahead": 5,
    "before the epoch": 5,
    "earliest time": 5,
    "latest time": 5,
    "duplicate": 30,
}
"""How many of 1,024 readings each kind befalls; the others are sound."""

_ENDS = np.cumsum(list(IN_1024.values()))
_KINDS = list(IN_1024)

Values = Callable[[Words], Floats]


def _signed(size: np.float32) -> Values:
    return lambda words: np.where(words & np.uint64(1), -size, size).astype(np.float32)


def _of_bits(words: Words, fixed: int, mask: int) -> Floats:
    return (words.astype(np.uint32) & np.uint32(mask) | np.uint32(fixed)).view(np.float32)


_NEW_VALUES: dict[str, Values] = {
    "unknown id and NaN": lambda words: _of_bits(words, 0x7FC0_0000, 0),
    "NaN": lambda words: _of_bits(words, 0x7FC0_0000, 0),
    "NaN with sign and payload": lambda words: _of_bits(words, 0xFFC0_0001, 0x003F_FFFF),
    "infinity": _signed(np.float32(np.inf)),
    "too large": lambda words: np.where(words & np.uint64(2), _signed(_ABOVE)(words), _signed(_LARGEST)(words)),
    "largest legal": _signed(np.float32(MAX_VALUE)),
    "negative zero": lambda words: _of_bits(words, 0x8000_0000, 0),
    "zero": lambda words: _of_bits(words, 0, 0),
    "subnormal": lambda words: _of_bits(words, 1, 0x807F_FFFF),
}
_NEW_TIMES: dict[str, Callable[[Words, NDArray[np.int64]], NDArray[np.int64]]] = {
    "late": lambda words, times: times - (words & np.uint64(0xFFFF_FFFF)).view(np.int64) * 2,
    "hour ahead": lambda words, times: times + 3600 * _S_NS,
    "before the epoch": lambda words, times: -(words & np.uint64(0xFFFF_FFFF)).view(np.int64),
    "earliest time": lambda words, times: np.full_like(times, _SMALLEST_TIME),
    "latest time": lambda words, times: np.full_like(times, _LARGEST_TIME),
}


class Faults:
    """Befalls a stream block by block, in order: one object a pass.

    Parameters
    ----------
    version
        Part of the seed.
    sensors
        Rows of the table; an unknown id is one that the same bijection gives to a later rank.
    """

    def __init__(self, version: int, sensors: int) -> None:
        self._source = bits("dirty", version, "faults")
        self._sensors = sensors
        self._before: tuple[np.uint32, np.int64, np.float32] | None = None

    def change(self, first: int, ids: NDArray[np.uint32], times: NDArray[np.int64], values: Floats) -> None:
        """Change a block in place; a duplicate repeats the reading before, id, time and value."""
        words = raw_words(self._source, len(ids))
        kind = np.searchsorted(_ENDS, (words >> np.uint64(54)).astype(np.int64), side="right")
        for number, name in enumerate(_KINDS):
            where = np.flatnonzero(kind == number)
            if name.startswith("unknown id"):
                strangers = (words[where] & np.uint64(0xFFFF)).astype(np.uint32) + np.uint32(self._sensors)
                ids[where] = scattered_ids(strangers)
            if name in _NEW_VALUES:
                values[where] = _NEW_VALUES[name](words[where])
            if name in _NEW_TIMES:
                times[where] = _NEW_TIMES[name](words[where], times[where])
        self._repeat(kind == _KINDS.index("duplicate"), (ids, times, values))

    def _repeat(self, repeated: NDArray[np.bool_], block: tuple[NDArray[np.uint32], NDArray[np.int64], Floats]) -> None:
        """Let `repeated` readings be those before them, across the border of blocks too."""
        origin = np.maximum.accumulate(np.where(repeated, -1, np.arange(len(repeated))))
        ids, times, values = block
        leading, origin = origin < 0, np.maximum(origin, 0)
        ids[:], times[:], values[:] = ids[origin], times[origin], values[origin]
        if self._before is not None:
            ids[leading], times[leading], values[leading] = self._before
        if len(repeated):
            self._before = (ids[-1], times[-1], values[-1])
