"""Readings noted by partitions come out bit for bit as those that are added to their records at once."""

import numpy as np
import pytest

from harness.contract import Processor, Readings, Sensors
from implementations.kernels import partitions
from implementations.parts import memory
from implementations.parts.fused import FusedPass
from implementations.processors.simd import Simd

_SENSORS = 3 * partitions.ROWS + 5


def _sensors() -> Sensors:
    rng = np.random.default_rng(1)
    ids = rng.choice(2**31, _SENSORS, replace=False).astype(np.uint32) * np.uint32(2)
    return Sensors(ids, rng.normal(size=_SENSORS).astype("f4"), rng.normal(size=_SENSORS).astype("f4"))


def _readings(rows: np.ndarray, sensors: Sensors, seed: int, share_bad: float) -> Readings:
    rng = np.random.default_rng(seed)
    ids, values = sensors.id[rows], rng.normal(size=len(rows)).astype("f4")
    bad = rng.random(len(rows))
    ids[bad < share_bad / 2] += np.uint32(1)
    values[bad > 1 - share_bad / 2] = np.nan
    return Readings(ids, np.arange(len(rows)) + seed, values)


def _everywhere(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, _SENSORS, count)


def _fused() -> Processor:
    return FusedPass(memory.Fresh(), huge_pages=False)


@pytest.fixture(params=[Simd, _fused], ids=["simd", "fused"])
def pair(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Processor, Processor, Sensors]:
    """Started on the same sensors: one that notes readings, one that does not."""
    sensors = _sensors()
    started = []
    for least in (1, _SENSORS + 1):
        monkeypatch.setattr(partitions, "FROM_SENSORS", least)
        processor: Processor = request.param()
        processor.start(sensors, retain=1_000)
        started.append(processor)
    return started[0], started[1], sensors


@pytest.mark.parametrize("share_bad", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(
    "windows",
    [
        pytest.param([[_everywhere(5_000)], [], [_everywhere(17)]], id="partly filled"),
        pytest.param([[_everywhere(100_000)], [_everywhere(3)]], id="full more than once"),
        pytest.param([[np.full(20_000, 7)], [np.full(1, 7)]], id="one sensor"),
        pytest.param([[np.full(partitions.NOTES, 7)], [np.full(partitions.NOTES - 1, 7)]], id="at the edge"),
        pytest.param([[np.arange(_SENSORS)], [np.arange(_SENSORS - 1, -1, -1)]], id="each once"),
        pytest.param(
            [[_everywhere(1_000) for _ in range(40)], [_everywhere(999) for _ in range(9)]], id="many batches"
        ),
    ],
)
def test_no_bit_depends_on_the_notes(
    pair: tuple[Processor, Processor, Sensors], windows: list[list[np.ndarray]], share_bad: float
) -> None:
    noting, adding, sensors = pair
    for window in windows:
        for seed, rows in enumerate(window):
            readings = _readings(rows, sensors, seed, share_bad)
            assert np.array_equal(noting.process(readings), adding.process(readings), equal_nan=True)
        ours, theirs = noting.close_window(), adding.close_window()
        assert (ours.unmatched, ours.invalid) == (theirs.unmatched, theirs.invalid)
        for name in ("count", "sum", "minimum", "maximum", "last"):
            assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes(), name
        kept, expected = noting.history(), adding.history()
        assert kept.time.tobytes() == expected.time.tobytes()
        assert kept.calibrated.tobytes() == expected.calibrated.tobytes()


def test_few_sensors_are_not_partitioned() -> None:
    assert partitions.partitions_for(partitions.FROM_SENSORS - 1, huge=False) is None
    made = partitions.partitions_for(partitions.FROM_SENSORS, huge=False)
    assert made is not None
    assert (made.count - 1) * partitions.ROWS < partitions.FROM_SENSORS <= made.count * partitions.ROWS
