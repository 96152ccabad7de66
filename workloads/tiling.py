"""A recording repeated end to end, its times shifted from one copy to the next."""

import numpy as np

from harness.contract import Readings

_LIMITS = np.iinfo(np.int64)


class Tiling:
    """Copies of `readings` in a row.

    Each copy is later than the one before by the recording's span and one mean gap. Where that would leave int64, the
    times stay as they are.

    Parameters
    ----------
    readings
        At least one; strided and mapped ones are read as they are needed.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._first, self._last = int(readings.time.min()), int(readings.time.max())
        span = self._last - self._first
        self.shift_ns = span + max(1, span // max(1, len(readings) - 1))

    def fits(self, count: int) -> bool:
        """Whether the times of `count` readings fit into int64 when shifted."""
        copies = -(-count // len(self._readings))
        return self._last + (copies - 1) * self.shift_ns <= _LIMITS.max

    def part(self, start: int, stop: int, total: int) -> Readings:
        """The readings from `start` to `stop` of `total` in all, in arrays of their own."""
        shift_ns = self.shift_ns if self.fits(total) else 0
        count, period = stop - start, len(self._readings)
        ids, times, values = np.empty(count, np.uint32), np.empty(count, np.int64), np.empty(count, np.float32)
        done = 0
        while done < count:
            copy, begin = divmod(start + done, period)
            length = min(count - done, period - begin)
            source, target = self._readings[begin : begin + length], slice(done, done + length)
            ids[target], values[target] = source.sensor_id, source.value
            # Without a sign, for the shift may exceed int64 where the shifted times, taken modulo 2**64, do not.
            np.add(source.time.view(np.uint64), np.uint64(copy * shift_ns % 2**64), out=times[target].view(np.uint64))
            done += length
        return Readings(ids, times, values)
