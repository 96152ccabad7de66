"""Hypothesis strategies for sensor tables and for streams that are as awkward as the contract allows."""

import itertools
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from harness.contract import MAX_CALIBRATION, Readings, Sensors

_IDS = st.one_of(st.sampled_from([0, 1, 2, 2**31, 2**32 - 1]), st.integers(0, 2**32 - 1))
_CALIBRATION = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, MAX_CALIBRATION, -MAX_CALIBRATION, 2.0**-149, 1e-40]),
    st.floats(-MAX_CALIBRATION, MAX_CALIBRATION, width=32),
)
_VALUES = st.one_of(
    st.sampled_from([0.0, -0.0, 2.0**64, -(2.0**64), 3.0e19, 2.0**-149, -1e-40, 3.4e38]),
    st.sampled_from([float("nan"), float("inf"), float("-inf")]),
    st.floats(width=32),
)
_TIMES = st.one_of(
    st.sampled_from([0, -(2**63), 2**63 - 1]),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(1_400_000_000, 1_400_000_900),
)


@dataclass(frozen=True)
class Case:
    """A table, its readings, how they are cut into batches, and after which of them a window closes."""

    sensors: Sensors
    readings: Readings
    cuts: list[int]
    closes: list[bool]
    retain: int

    def batches(self) -> list[Readings]:
        edges = [0, *self.cuts, len(self.readings)]
        return [self.readings[first:end] for first, end in itertools.pairwise(edges)]


@st.composite
def cases(draw: st.DrawFn, longest: int = 60) -> Case:
    ids = draw(st.lists(_IDS, unique=True, max_size=6))
    columns = [draw(st.lists(_CALIBRATION, min_size=len(ids), max_size=len(ids))) for _ in range(2)]
    sensors = Sensors(np.array(ids, np.uint32), *(np.array(column, np.float32) for column in columns))
    known = st.sampled_from(ids) if ids else _IDS
    rows = draw(st.lists(st.tuples(st.one_of(known, known, known, _IDS), _TIMES, _VALUES), max_size=longest))
    count = len(rows)
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=5)))
    closes = draw(st.lists(st.booleans(), min_size=len(cuts) + 1, max_size=len(cuts) + 1))
    retain = draw(st.one_of(st.sampled_from([0, 1, 2]), st.integers(0, 2 * longest)))
    arrays = Readings(
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float32),
    )
    return Case(sensors, _laid_out(arrays, draw(st.sampled_from(LAYOUTS))), cuts, closes, retain)


LAYOUTS = ("contiguous", "records", "backwards", "mixed", "odd addresses")


def _laid_out(readings: Readings, layout: str) -> Readings:
    """The same readings in another layout in memory."""
    if layout == "records":
        return Readings.of_records(readings.to_records())
    if layout == "backwards":
        sensor_id, time, value = (
            readings.sensor_id[::-1].copy(),
            readings.time[::-1].copy(),
            readings.value[::-1].copy(),
        )
        return Readings(sensor_id[::-1], time[::-1], value[::-1])
    if layout == "mixed":
        return Readings(readings.sensor_id, readings.to_records()["time"], readings.value)
    if layout == "odd addresses":
        packed = np.empty(len(readings), np.dtype([("_", "u1"), ("id", "<u4"), ("time", "<i8"), ("value", "<f4")]))
        packed["id"], packed["time"], packed["value"] = readings.sensor_id, readings.time, readings.value
        return Readings(packed["id"], packed["time"], packed["value"])
    return readings
