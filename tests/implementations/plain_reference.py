"""The job done as plainly as it can be: one reading after the other, exact sums, nothing shared with any part."""

import math
import struct
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from harness.contract import Floats, History, Readings, Sensors, Statistics


@dataclass
class PlainReference:
    """Follows a processor: is given each batch with what the processor handed back for it."""

    sensors: Sensors
    retain: int
    kept: list[tuple[int, int, float]] = field(default_factory=list)
    windows: list[list[float]] = field(default_factory=list)
    unmatched: int = 0
    invalid: int = 0

    def __post_init__(self) -> None:
        self.row_of = {int(sensor_id): row for row, sensor_id in enumerate(self.sensors.id)}
        self.windows = [[] for _ in self.row_of]

    def follow(self, readings: Readings, calibrated: Floats) -> None:
        assert calibrated.dtype == np.float32
        assert calibrated.shape == (len(readings),)
        for position in range(len(readings)):
            sensor_id, time = int(readings.sensor_id[position]), int(readings.time[position])
            value, got = float(readings.value[position]), float(calibrated[position])
            row = self.row_of.get(sensor_id)
            if row is None:
                self.unmatched += 1
            elif not math.isfinite(value) or abs(value) > 2.0**64:
                self.invalid += 1
            else:
                self.check_value(row, value, got)
                self.windows[row].append(got)
                self.kept.append((sensor_id, time, got))
                continue
            assert math.isnan(got), f"reading {position} is rejected, but {got} was handed back"

    def check_value(self, row: int, value: float, got: float) -> None:
        product = Fraction(value) * Fraction(float(self.sensors.gain[row]))
        exact = product + Fraction(float(self.sensors.offset[row]))
        u = Fraction(1, 2**24)
        allowed = u * (abs(product) + abs(exact)) + u * u * abs(product) + Fraction(1, 2**150)
        assert abs(Fraction(got) - exact) <= allowed, f"{value} of row {row} became {got}, not {float(exact)}"

    def check_window(self, got: Statistics) -> None:
        assert len(got) == len(self.windows)
        assert (got.unmatched, got.invalid) == (self.unmatched, self.invalid)
        for row, values in enumerate(self.windows):
            assert got.count[row] == len(values)
            if not values:
                assert got.sum[row] == 0
                assert np.isnan([got.minimum[row], got.maximum[row], got.last[row]]).all()
                continue
            n = len(values)
            gamma = (n - 1) * 2.0**-53 / (1 - (n - 1) * 2.0**-53)
            assert abs(got.sum[row] - math.fsum(values)) <= gamma * math.fsum(map(abs, values))
            assert got.minimum[row] == min(values)
            assert got.maximum[row] == max(values)
            assert same_bits(float(got.last[row]), values[-1])
        self.windows = [[] for _ in self.row_of]
        self.unmatched = self.invalid = 0

    def check_history(self, got: History) -> None:
        expected = self.kept[-self.retain :] if self.retain else []
        assert got.sensor_id.tolist() == [sensor_id for sensor_id, _, _ in expected]
        assert got.time.tolist() == [time for _, time, _ in expected]
        found = got.calibrated.tolist()
        assert all(same_bits(a, b) for a, (_, _, b) in zip(found, expected, strict=True))


def same_bits(a: float, b: float) -> bool:
    return struct.pack("<f", a) == struct.pack("<f", b)
