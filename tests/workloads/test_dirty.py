"""The dirty workload holds every kind of fault, at the smallest size already."""

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.contract import MAX_VALUE, Sensors
from workloads.dirty import Dirty
from workloads.signals import EPOCH_NS

TINIEST = np.finfo(np.float32).tiny


@pytest.fixture(scope="module", params=["tiny", "small"])
def dirty(request: pytest.FixtureRequest) -> tuple[Sensors, NDArray[np.void]]:
    subject = Dirty()
    size = subject.size(request.param)
    return subject.sensors(size), np.concatenate([batch.to_records() for batch in subject.readings(size)])


def test_ids(dirty: tuple[Sensors, NDArray[np.void]]) -> None:
    sensors, records = dirty
    known = np.isin(records["sensor_id"], sensors.id)
    assert 0.005 < (~known).mean() < 0.05
    assert (~known & np.isnan(records["value"])).any()
    spoken = np.isin(sensors.id, records["sensor_id"])
    assert (~spoken).sum() >= len(sensors) // 20


def test_values(dirty: tuple[Sensors, NDArray[np.void]]) -> None:
    value = dirty[1]["value"]
    size, sign = np.abs(value), np.signbit(value)
    with np.errstate(invalid="ignore"):
        wanted = {
            "NaN": np.isnan(value),
            "NaN with a sign": np.isnan(value) & sign,
            "NaN with a payload": np.isnan(value) & (value.view(np.uint32) & 0x3FFFFF != 0),
            "infinity": value == np.inf,
            "minus infinity": value == -np.inf,
            "just above the limit": size == np.nextafter(np.float32(MAX_VALUE), np.float32(np.inf)),
            "largest float32": size == np.finfo(np.float32).max,
            "the limit": value == MAX_VALUE,
            "minus the limit": value == -MAX_VALUE,
            "zero": (value == 0) & ~sign,
            "negative zero": (value == 0) & sign,
            "subnormal": (size > 0) & (size < TINIEST),
            "negative subnormal": (size > 0) & (size < TINIEST) & sign,
            "sound": (size > 0.01) & (size < 200),
        }
    missing = [name for name, where in wanted.items() if not where.any()]
    assert not missing
    assert wanted["sound"].mean() > 0.8


def test_times(dirty: tuple[Sensors, NDArray[np.void]]) -> None:
    times = dirty[1]["time"]
    assert {np.iinfo(np.int64).min, np.iinfo(np.int64).max} <= set(times.tolist())
    assert (times < 0).any()
    assert (times > EPOCH_NS + 3600 * 10**9).any()
    late = EPOCH_NS + np.arange(len(times)) * 1000 - times
    assert ((late > 10**6) & (late < 10**10)).mean() > 0.02


def test_duplicates_repeat_whole_readings(dirty: tuple[Sensors, NDArray[np.void]]) -> None:
    raw = dirty[1].view(np.uint8).reshape(-1, 16)
    assert 0.01 < (raw[1:] == raw[:-1]).all(axis=1).mean() < 0.06


def test_edges_of_calibration(dirty: tuple[Sensors, NDArray[np.void]]) -> None:
    sensors, records = dirty
    assert {0.0, 2.0**60, -(2.0**60), 2.0**-149} <= set(sensors.gain.tolist())
    assert (np.signbit(sensors.offset) & (sensors.offset == 0)).any()
    assert np.isin(sensors.id[:10], records["sensor_id"]).all()
