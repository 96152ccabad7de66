"""Seeded sensors and their signals: what the generated workloads are composed of.

Everything is made of the raw words of one fixed bit generator by operations that IEEE 754 and two's complement define
to the last bit (no sine, no logarithm, no library distribution), so the same version and size give the same bytes on
every processor and with every NumPy. A reading depends on its position alone, not on how the stream is cut.
"""

import zlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Readings, Sensors, Size

EPOCH_NS = 1_700_000_000_000_000_000
"""Time of the first reading of a generated stream: 2023-11-14 22:13:20 UTC."""

SPACING_NS = 1_000
"""Time from one reading to the next: a nominal rate of a million readings a second."""

Words = NDArray[np.uint64]
Rows = NDArray[np.int64]
ChooseRows = Callable[[Words, int], Rows]
ChooseTimes = Callable[[Words, int], NDArray[np.int64]]
Change = Callable[[int, NDArray[np.uint32], NDArray[np.int64], Floats], None]

_BLOCK = 8_192
_LOW_32 = np.uint64(0xFFFF_FFFF)
_32 = np.uint64(32)
_JITTER_NS = np.uint64(511)
_LARGEST_ID = 2**32 - 1


def bits(workload: str, version: int, purpose: str) -> np.random.SFC64:
    """The bit generator that `workload` in this version uses for `purpose`; independent of every other."""
    names = [zlib.crc32(text.encode()) for text in (workload, purpose)]
    return np.random.SFC64(np.random.SeedSequence([names[0], version, names[1]]))


def raw_words(source: np.random.SFC64, count: int) -> Words:
    """The next `count` words of `source`: uint64[count]."""
    words: Words = source.random_raw(count)
    return words


def unit(words: Words) -> NDArray[np.float64]:
    """`words` as numbers in [0, 1), exact multiples of 2**-53."""
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def below(words: Words, bound: int) -> Rows:
    """`words` as whole numbers from 0 to `bound` - 1, by their upper halves (`bound` at most 2**32)."""
    return (((words >> _32) * np.uint64(bound)) >> _32).view(np.int64)


def scattered_ids(ranks: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """`ranks` put through a fixed bijection of uint32: ids that are unique and look arbitrary.

    Ranks 0 and 1 give the ids 0 and 2**32 - 1, which are the ones that careless code takes for "none".
    """
    mixed = _mixed(ranks)
    first, second = _mixed(np.arange(2, dtype=np.uint32))
    # Exchanging two results for two others leaves it a bijection.
    for taken, wanted in ((first, np.uint32(0)), (second, np.uint32(_LARGEST_ID))):
        is_taken, is_wanted = mixed == taken, mixed == wanted
        mixed[is_taken], mixed[is_wanted] = wanted, taken
    return mixed


def _mixed(ranks: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed = np.asarray(ranks, np.uint32) ^ np.uint32(0x5EB5_0BE4)
    for multiplier, shift in ((0x7FEB_352D, 15), (0x846C_A68B, 16)):  # odd, hence each step can be undone
        mixed ^= mixed >> np.uint32(16)
        mixed *= np.uint32(multiplier)
        mixed ^= mixed >> np.uint32(shift)
    return mixed


def calibration(source: np.random.SFC64, count: int) -> tuple[Floats, Floats]:
    """Plausible gains from 0.5 to 2 and offsets from -10 to 10: two float32[count].

    They come sensor by sensor, so that a longer table begins with the shorter one.
    """
    words = unit(raw_words(source, 2 * count)).reshape(count, 2)
    return (0.5 + 1.5 * words[:, 0]).astype(np.float32), (20.0 * words[:, 1] - 10.0).astype(np.float32)


class Signals:
    """S sensors: their table and the signal of each.

    A signal is a level, a slow wave about it (parabolic arcs, as smooth as the eye asks) and bell-shaped noise (an odd
    polynomial of a uniform number), all of the sensor's own size, in full float32 precision.

    Parameters
    ----------
    workload, version
        What the seed is made of.
    sensors
        How many; without one, readings still come, of ids that are in no table.
    """

    def __init__(self, workload: str, version: int, sensors: int) -> None:
        self._name, self._version = workload, version
        count = max(1, sensors)
        ids = scattered_ids(np.arange(count, dtype=np.uint32))
        gain, offset = calibration(bits(workload, version, "calibration"), count)
        self.count = count
        self.table = Sensors(ids[:sensors], gain[:sensors], offset[:sensors])
        self._ids = ids
        shape = unit(raw_words(bits(workload, version, "shape"), 3 * count)).reshape(count, 3)
        self._level = (200.0 * shape[:, 0] - 100.0).astype(np.float32)
        self._span = (0.5 + 10.0 * shape[:, 1]).astype(np.float32)
        self._phase = (shape[:, 2] * 2.0**32).astype(np.uint32)

    def readings(
        self,
        size: Size,
        rows: ChooseRows,
        times: ChooseTimes | None = None,
        change: Change | None = None,
    ) -> Iterator[Readings]:
        """`size.readings` readings in batches of `size.batch`, each in arrays of its own.

        Parameters
        ----------
        rows
            From words and the position of the first of them to the rows of the table that speak.
        times
            Likewise to times in ns; by default `regular_times`.
        change
            Told the first position, ids, times and values of a block, changes them in place.
        """
        source = bits(self._name, self._version, "readings")
        choose_times = times or regular_times
        for start in range(0, size.readings, size.batch):
            count = min(size.batch, size.readings - start)
            ids, at, values = np.empty(count, np.uint32), np.empty(count, np.int64), np.empty(count, np.float32)
            for low in range(0, count, _BLOCK):
                part = slice(low, min(low + _BLOCK, count))
                words = raw_words(source, part.stop - low)
                chosen = rows(words, start + low)
                np.take(self._ids, chosen, out=ids[part], mode="clip")
                at[part] = choose_times(words, start + low)
                self._values(chosen, words, start + low, values[part])
                if change is not None:
                    change(start + low, ids[part], at[part], values[part])
            yield Readings(ids, at, values)

    def _values(self, rows: Rows, words: Words, first: int, out: Floats) -> None:
        """Level + span * (wave + noise) of `rows`; the lower halves of `words` are the noise."""
        phase = np.take(self._phase, rows, mode="clip")
        pace = phase >> np.uint32(28)
        pace += np.uint32(1)
        pace *= np.arange(first, first + len(rows), dtype=np.int64).astype(np.uint32)
        pace <<= np.uint32(9)
        phase += pace
        wave = phase.view(np.int32).astype(np.float32)
        wave *= np.float32(2.0**-31)
        arc = np.abs(wave)
        np.subtract(np.float32(1), arc, out=arc)
        wave *= arc
        noise = (words & _LOW_32).astype(np.uint32).view(np.int32).astype(np.float32)
        noise *= np.float32(2.0**-31)
        tail = noise * noise
        tail += np.float32(0.125)
        noise *= tail
        noise *= np.float32(0.125)
        wave += noise
        wave *= np.take(self._span, rows, mode="clip")
        np.take(self._level, rows, out=out, mode="clip")
        out += wave


def uniform_rows(sensors: int) -> ChooseRows:
    """Every one of `sensors` rows as likely as any other."""
    return lambda words, first: below(words, sensors)


def regular_times(words: Words, first: int) -> NDArray[np.int64]:
    """Increasing times at the nominal rate, each up to half a spacing late."""
    jitter = ((words >> _32) & _JITTER_NS).view(np.int64)
    jitter += np.arange(first, first + len(words), dtype=np.int64) * SPACING_NS + EPOCH_NS
    return jitter
