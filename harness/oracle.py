"""The oracle: exact answers, found slowly and plainly, sharing no code with any implementation.

A reading is matched through a Python dict, calibrated exactly (the product of two float32 is exact in float64, the
sum is kept as an unevaluated pair), and grouped by a stable sort. Sums come from :func:`math.fsum`.
Statistics are those of the values that were *handed back*, as the job defines them.

Time about 0.5 us a reading, memory about 40 bytes a reading of the part that is asked for.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.contract import MAX_VALUE, RECORD_DTYPE, Floats, Readings, Sensors
from harness.stream import Stream, pieces_of

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The exact answer for n readings in arrival order.

    Parameters
    ----------
    row : int64[n]
        Row of the sensor in the table, -1 for an unmatched reading.
    accepted : bool[n]
    product : float64[n]
        value * gain, exact; 0 where rejected.
    high, low : float64[n]
        high + low is value * gain + offset, exactly, with high the nearest float64; 0 where rejected.
    unmatched, invalid : int
        Rejected readings.
    """

    row: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    product: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    unmatched: int
    invalid: int

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The values handed back for accepted readings, sensor by sensor, in arrival order within each.

    Parameters
    ----------
    row : int64[g]
        Rows of the sensors that have any, in table order.
    edges : int64[g + 1]
        Where in `values` each group begins; the last is n.
    values : float32[n]
    """

    row: NDArray[np.int64]
    edges: NDArray[np.int64]
    values: Floats

    def __len__(self) -> int:
        return len(self.row)

    def of(self, group: int) -> Floats:
        """The values of one group."""
        return self.values[self.edges[group] : self.edges[group + 1]]

    def minimum(self) -> Floats:
        """The least value of each group: float32[g]."""
        return np.minimum.reduceat(self.values, self.edges[:-1]) if len(self) else self.values

    def maximum(self) -> Floats:
        """The greatest value of each group: float32[g]."""
        return np.maximum.reduceat(self.values, self.edges[:-1]) if len(self) else self.values

    def last(self) -> Floats:
        """The newest value of each group: float32[g]."""
        return self.values[self.edges[1:] - 1]

    def sum_errors(self, claimed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Exact sum of each group minus what is claimed, rounded once: float64[g]."""
        values, edges = self.values.tolist(), self.edges.tolist()
        pairs = zip(edges[:-1], edges[1:], claimed.tolist(), strict=True)
        return np.array([math.fsum([*values[first:end], -claim]) for first, end, claim in pairs])

    def sums(self) -> NDArray[np.float64]:
        """The sum of each group, rounded once: float64[g]."""
        return self.sum_errors(np.zeros(len(self)))

    def sums_of_sizes(self) -> NDArray[np.float64]:
        """The sum of the absolute values of each group, rounded once: float64[g]."""
        return Groups(self.row, self.edges, np.abs(self.values)).sums()


class Oracle:
    """Answers for one sensor table."""

    def __init__(self, sensors: Sensors) -> None:
        self.sensors = sensors
        self._row_of = {sensor_id: row for row, sensor_id in enumerate(sensors.id.tolist())}

    def answer(self, readings: Readings) -> Answer:
        """Match, check and calibrate `readings`."""
        row_of = self._row_of
        row = np.array([row_of.get(sensor_id, -1) for sensor_id in readings.sensor_id.tolist()], np.int64)
        value = readings.value.astype(np.float64)
        matched = row >= 0
        accepted = matched & (np.abs(value) <= MAX_VALUE)  # a NaN compares false
        product, offset = np.zeros(len(row)), np.zeros(len(row))
        product[accepted] = value[accepted] * self.sensors.gain[row[accepted]].astype(np.float64)
        offset[accepted] = self.sensors.offset[row[accepted]]
        high, low = two_sum(product, offset)
        unmatched = int(np.count_nonzero(~matched))
        return Answer(row, accepted, product, high, low, unmatched, int(np.count_nonzero(matched & ~accepted)))

    def counts(self, answer: Answer) -> NDArray[np.int64]:
        """Accepted readings of each sensor: int64[S]."""
        return np.bincount(answer.row[answer.accepted], minlength=len(self.sensors)).astype(np.int64)

    def newest_accepted(self, readings: Readings, retain: int) -> NDArray[np.int64]:
        """Positions in `readings` of the newest `retain` accepted ones, oldest first."""
        found: list[NDArray[np.int64]] = []
        missing, end = retain, len(readings)
        while missing > 0 and end > 0:
            first = max(0, end - max(_CHUNK, missing))
            positions = first + np.flatnonzero(self.answer(readings[first:end]).accepted)
            found.append(positions[-missing:])
            missing -= len(found[-1])
            end = first
        return np.concatenate([np.empty(0, np.int64), *reversed(found)])


def two_sum(left: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rounded sum and what rounding took from it, exactly (Knuth 1969, TwoSum)."""
    total = left + right
    virtual = total - left
    return total, (left - (total - virtual)) + (right - virtual)


def group(answer: Answer, handed_back: Floats) -> Groups:
    """Group the values handed back for accepted readings by sensor."""
    positions = np.flatnonzero(answer.accepted)
    rows = answer.row[positions]
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    return Groups(rows[first], np.append(first, len(rows)), handed_back[positions[order]])


def readings_at(stream: Stream, first_position: int, count: int) -> Readings:
    """`count` readings from `first_position` on, passing over the stream cyclically."""
    parts = pieces_of(stream.records, first_position, count)
    return Readings.of_records(np.concatenate(parts) if parts else np.empty(0, RECORD_DTYPE))
