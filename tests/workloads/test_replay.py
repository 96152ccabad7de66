"""A replayed recording: its ids, its calibration, its sizes; and the real one."""

import csv
import datetime
import gzip
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from recorded_tables import write_csv, write_record_file

from harness.contract import STANDARD_SIZES, Readings, Size, Workload
from harness.discovery import workload
from harness.stream import write_stream
from workloads.convert import convert
from workloads.replay import Replay
from workloads.signals import scattered_ids
from workloads.tiling import Tiling

START = 10**18


@pytest.fixture
def path(tmp_path: Path) -> Path:
    body = [[str(START + 10 * number), "cab"[number % 3], str(number / 4)] for number in range(30)]
    return write_csv(tmp_path / "thirty.csv", ["time", "sensor", "value"], body)


def whole(subject: Workload, size: Size) -> NDArray[np.void]:
    return np.concatenate([batch.to_records() for batch in subject.readings(size)])


def test_ids_are_ranks_of_first_appearance_scattered(path: Path) -> None:
    replay = Replay(path)
    size = replay.size("recording")
    assert replay.recording().names == ("c", "a", "b")
    expected = scattered_ids(np.arange(3, dtype=np.uint32))
    assert replay.sensors(size).id.tolist() == expected.tolist()
    assert whole(replay, size)["sensor_id"].tolist() == np.tile(expected, 10).tolist()


def test_a_record_file_of_foreign_ids_replays_alike(path: Path, tmp_path: Path) -> None:
    rows = [(START + 10 * number, "cab"[number % 3], number / 4) for number in range(30)]
    twin = Replay(write_record_file(tmp_path / "twin.rec", rows))
    replay = Replay(path)
    for name in ("recording", "tiny"):
        size = replay.size(name)
        assert twin.size(name) == size
        assert whole(twin, size).tobytes() == whole(replay, size).tobytes()
        assert twin.sensors(size).gain.tolist() == replay.sensors(size).gain.tolist()


def test_the_recording_has_a_size_of_its_own(path: Path) -> None:
    replay = Replay(path)
    assert replay.repeats
    assert replay.size("recording") == Size("recording", 30, 3, 1_000, 6)
    assert replay.notes(replay.size("recording")) == ()
    with pytest.raises(KeyError):
        replay.size("gigantic")


def test_standard_sizes_are_tiled_with_shifted_times(path: Path) -> None:
    replay = Replay(path)
    for standard in STANDARD_SIZES.values():
        assert replay.size(standard.name) == Size(
            standard.name, standard.readings, 3, standard.batch, standard.retain, standard.windows
        )
    size = replay.size("tiny")
    assert replay.notes(size) == ("tiled: 30 recorded readings, 66.7 times over, times shifted",)
    records = whole(replay, size)
    assert len(records) == 2_000
    assert (np.diff(records["time"]) == 10).all()
    assert records["value"].tolist() == [number % 30 / 4 for number in range(2_000)]


def test_without_tiling_a_size_ends_with_the_recording(path: Path) -> None:
    replay = Replay(path, tile=False)
    assert replay.size("small").readings == 30
    assert len(whole(replay, replay.size("small"))) == 30


def test_a_smaller_size_is_cut(path: Path) -> None:
    replay = Replay(path)
    size = Size("less", 7, 3, 2, 1)
    assert whole(replay, size)["value"].tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]
    assert replay.notes(size) == ("the first 7 of 30 recorded readings",)


def test_calibration_comes_from_the_users_table(path: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("unit,offset,sensor,gain\nC,0.5,b,2\nC,-1e3,never heard,1e-3\nC,0,c,-4\n\n")
    replay = Replay(path, table)
    size = replay.size("recording")
    sensors = replay.sensors(size)
    assert size.sensors == 3
    # In the table's order; b spoke third, c first, the silent one ranks behind all that spoke.
    assert sensors.id.tolist() == scattered_ids(np.array([2, 3, 0], np.uint32)).tolist()
    assert sensors.gain.tolist() == [2, float(np.float32(1e-3)), -4]
    assert sensors.offset.tolist() == [0.5, -1000, 0]
    assert np.isin(whole(replay, size)["sensor_id"], sensors.id).sum() == 20
    assert replay.notes(size) == ("1 of 3 recorded sensors are not in the sensor table",)


def test_a_converted_recording_is_the_same_recording(path: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("sensor,gain,offset\nb,0.1,2\nsilent,1,0\na,3,0.3\n")
    told: list[float] = []
    converted = convert(path, tmp_path / "c.rec", table, told.append)
    assert (converted.readings, converted.sensors) == (30, 3)
    assert (converted.earliest_ns, converted.latest_ns) == (START, START + 290)
    assert told == sorted(told)
    assert told[-1] == 1
    before, after = Replay(path, table), Replay(tmp_path / "c.rec")
    size = before.size("recording")
    assert after.size("recording") == size
    assert whole(after, size).tobytes() == whole(before, size).tobytes()
    for name in ("id", "gain", "offset"):
        one, other = getattr(before.sensors(size), name), getattr(after.sensors(size), name)
        assert one.tobytes() == other.tobytes()
    assert after.notes(size) == before.notes(size)
    # And again, though the ids are foreign no more.
    convert(tmp_path / "c.rec", tmp_path / "d.rec")
    assert (tmp_path / "d.rec").read_bytes() == (tmp_path / "c.rec").read_bytes()


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=9), st.integers(1, 40), st.integers(1, 7))
@example([-(2**63), -(2**62)], 4, 3)  # shifted by 2**63, which is no int64 itself
def test_tiling(times: list[int], total: int, batch: int) -> None:
    count = len(times)
    values = np.arange(count, dtype=np.float32)
    tiling = Tiling(Readings(np.arange(count, dtype=np.uint32), np.array(times, np.int64), values))
    parts = [tiling.part(start, min(start + batch, total), total) for start in range(0, total, batch)]
    assert list(itertools.chain(*(part.value.tolist() for part in parts))) == [n % count for n in range(total)]
    shift = max(times) - min(times) + max(1, (max(times) - min(times)) // max(1, count - 1))
    wanted = [times[n % count] + shift * (n // count) for n in range(total)]
    fits = max(times) + shift * ((total - 1) // count) < 2**63
    assert tiling.fits(total) == fits
    given_times = list(itertools.chain(*(part.time.tolist() for part in parts)))
    assert given_times == (wanted if fits else [times[n % count] for n in range(total)])


def test_the_real_recording(real_data: Path) -> None:
    label, replay = workload(f"replay:{real_data}")
    assert label == f"replay:{real_data.name}"
    size = replay.size("recording")
    records = whole(replay, size)
    sensors = replay.sensors(size)
    with gzip.open(real_data, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(records) == len(rows) == size.readings
    with np.errstate(over="ignore"):
        wanted = np.array([float(row["value"]) for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(records["value"], wanted)
    seconds = {row["time"] for row in rows}
    known = {
        text: int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp()) * 10**9
        for text in seconds
    }
    assert records["time"].tolist() == [known[row["time"]] for row in rows]
    rank = {name: number for number, name in enumerate(dict.fromkeys(row["sensor"] for row in rows))}
    assert records["sensor_id"].tolist() == sensors.id[[rank[row["sensor"]] for row in rows]].tolist()
    assert len(rank) == len(sensors) == size.sensors


def test_the_numenta_recording_is_the_one_described(real_data: Path) -> None:
    if real_data.name != "nab-real.csv.gz":
        pytest.skip("another recording was named")
    replay = Replay(real_data)
    size = replay.size("recording")
    assert size == Size("recording", 321_206, 47, 3_212, 64_241)
    times = whole(replay, size)["time"]
    assert (np.diff(times) >= 0).all()
    assert (np.diff(times) == 0).sum() == 201_913


def test_a_replay_becomes_a_stream(path: Path, tmp_path: Path) -> None:
    label, replay = workload(f"replay:{path}")
    stream = write_stream(replay, label, replay.size("tiny"), tmp_path / "stream")
    assert (len(stream), len(stream.sensors), stream.repeats) == (2_000, 3, True)
