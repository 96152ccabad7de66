"""Every generated workload: the same bytes everywhere, as large as it says, and cut anywhere."""

import hashlib
import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.contract import STANDARD_SIZES, Readings, Sensors, Size, Workload
from harness.discovery import entries, workload

DIGESTS = {
    "bursty": "10904dc2f2c5f4f0",
    "dirty": "674d4c0ba35e9bfc",
    "fleet": "a68cdca8bb3957d7",
    "skewed": "14eb538cf44b56e0",
    "steady": "991110897eb60a38",
    "trickle": "49bdfe8dc093505c",
}
"""Of version 1 at size tiny. A change here is a change of data: give the workload a new version."""

NAMES = sorted(DIGESTS)


def made(name: str) -> Workload:
    return workload(name)[1]


def whole(batches: list[Readings]) -> NDArray[np.void]:
    return np.concatenate([batch.to_records() for batch in batches])


def digest(sensors: Sensors, batches: list[Readings]) -> str:
    found = hashlib.sha256()
    for array in (sensors.id, sensors.gain, sensors.offset):
        found.update(array.tobytes())
    for batch in batches:
        found.update(len(batch).to_bytes(8, "little") + batch.to_records().tobytes())
    return found.hexdigest()[:16]


def test_every_workload_is_here_or_recorded() -> None:
    assert set(entries("workloads")) == set(NAMES) | {"replay", "telemetry"}


@pytest.mark.parametrize("name", NAMES)
def test_bytes_are_pinned(name: str) -> None:
    subject = made(name)
    size = subject.size("tiny")
    assert subject.version == 1
    assert digest(subject.sensors(size), list(subject.readings(size))) == DIGESTS[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size_name", ["tiny", "small"])
def test_counts_are_as_the_size_says(name: str, size_name: str) -> None:
    subject = made(name)
    size = subject.size(size_name)
    batches = list(subject.readings(size))
    assert sum(map(len, batches)) == size.readings
    assert 1 <= min(map(len, batches)) <= max(map(len, batches)) <= size.batch
    assert len(subject.sensors(size)) == size.sensors
    assert 0 < size.retain <= size.readings


@pytest.mark.parametrize("name", NAMES)
def test_departures_from_the_table_are_noted(name: str) -> None:
    subject = made(name)
    for standard in STANDARD_SIZES.values():
        size = subject.size(standard.name)
        assert bool(subject.notes(size)) == (size != standard)
    with pytest.raises(KeyError):
        subject.size("gigantic")


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"trickle"}))
def test_content_does_not_depend_on_the_cut(name: str) -> None:
    subject = made(name)
    cuts = (1, 997, 8_192, 10_000, 20_000)
    streams = [
        whole(list(subject.readings(Size("any", 20_000, 300, batch if batch > 1 else 5_000, 10)))) for batch in cuts
    ]
    assert all(stream.tobytes() == streams[0].tobytes() for stream in streams)


@pytest.mark.parametrize("name", NAMES)
def test_passes_are_equal_and_apart(name: str) -> None:
    subject = made(name)
    size = subject.size("tiny")
    first = list(subject.readings(size))
    copies = [batch.to_records() for batch in first]
    second = list(subject.readings(size))
    assert [batch.to_records().tobytes() for batch in second] == [copy.tobytes() for copy in copies]
    assert [batch.to_records().tobytes() for batch in first] == [copy.tobytes() for copy in copies]


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_arbitrary_and_reach_both_ends(name: str) -> None:
    size = made(name).size("small")
    ids = made(name).sensors(size).id
    assert len(np.unique(ids)) == size.sensors
    assert {0, 2**32 - 1} <= set(ids.tolist())
    assert np.median(ids) > 2**30
    assert not (np.diff(ids.astype(np.int64)) > 0).all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"dirty"}))
def test_readings_match_and_look_like_signals(name: str) -> None:
    subject = made(name)
    size = subject.size("small")
    sensors = subject.sensors(size)
    records = whole(list(subject.readings(size)))
    assert np.isin(records["sensor_id"], sensors.id).all()
    value = records["value"].astype(np.float64)
    assert np.abs(value).max() < 200
    # Full precision: the last bits of the fraction are as often set as not.
    fractions = records["value"].view(np.uint32)
    assert all(abs((fractions >> bit & 1).mean() - 0.5) < 0.1 for bit in range(4))
    # A sensor stays near its level: what it says varies less than what all say.
    busiest = np.bincount(np.searchsorted(np.sort(sensors.id), records["sensor_id"])).argmax()
    of_one = value[records["sensor_id"] == np.sort(sensors.id)[busiest]]
    assert of_one.std() < value.std() / 3


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"dirty"}))
def test_times_rise_at_the_nominal_rate(name: str) -> None:
    subject = made(name)
    size = subject.size("small")
    times = whole(list(subject.readings(size)))["time"]
    assert (np.diff(times) > 0).all()
    assert (times[-1] - times[0]) / size.readings == pytest.approx(1000, rel=0.02)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("offered_per_s", [1.0, 12_345.6, 3e8])
def test_arrivals_keep_the_offered_rate(name: str, offered_per_s: float) -> None:
    subject = made(name)
    size = subject.size("tiny")
    arrivals = subject.arrivals(size, offered_per_s)
    assert arrivals.dtype == np.int64
    assert len(arrivals) == size.readings
    assert arrivals[0] >= 0
    assert (np.diff(arrivals) >= 0).all()
    assert arrivals[-1] == pytest.approx(size.readings / offered_per_s * 1e9, rel=2 / size.readings)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("readings", "sensors"), [(0, 5), (1, 1), (10, 0), (50, 2), (333, 17)])
def test_odd_sizes(name: str, readings: int, sensors: int) -> None:
    subject = made(name)
    size = Size("odd", readings, sensors, 7, 3)
    assert len(subject.sensors(size)) == sensors
    assert sum(map(len, subject.readings(size))) == readings
    assert len(subject.arrivals(size, 1e6)) == readings


@pytest.mark.parametrize("name", NAMES)
def test_memory_stays_small(name: str) -> None:
    subject = made(name)
    size = Size("long", 1_000_000, 100_000, 100_000, 10)
    if name == "trickle":
        size = Size("long", 50_000, 100_000, 10, 10)
    tracemalloc.start()
    for _ in subject.readings(size):
        pass
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 40e6
