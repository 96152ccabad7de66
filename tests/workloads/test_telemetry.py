"""Telemetry is really recorded, at the rate asked for, and replayed from then on."""

import stat
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harness.errors import InputError, UsageError
from workloads.counters import record_telemetry
from workloads.counters.recorder import Rounds
from workloads.counters.source import Counter, Source
from workloads.recordings import read_recording
from workloads.telemetry import Telemetry, default_path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("SENSORBENCH_CACHE", str(folder))
    monkeypatch.delenv("SENSORBENCH_TELEMETRY", raising=False)
    return folder


def test_a_real_recording(tmp_path: Path) -> None:
    path = tmp_path / "t.rec"
    told: list[tuple[float, int]] = []
    outcome = record_telemetry(path, 0.5, 100, lambda *given: told.append(given))
    recording = read_recording(path)
    about = recording.about["telemetry"]
    assert (outcome.readings, outcome.sensors) == (len(recording), len(recording.names))
    assert about == {**about, "readings": outcome.readings, "achieved_per_s": outcome.achieved_per_s}
    assert outcome.rounds + outcome.missed_rounds == 50
    assert outcome.achieved_per_s == pytest.approx(outcome.rounds / outcome.seconds)
    assert outcome.achieved_per_s <= 100.5
    assert outcome.seconds == pytest.approx(0.5, abs=0.3)
    assert told
    assert told[-1][1] <= outcome.readings
    assert len(recording.names) >= 50
    times = recording.readings.time
    assert (np.diff(times) >= 0).all()
    assert times[-1] - times[0] == pytest.approx(0.5e9, abs=0.3e9)
    # Something moves on any machine that runs this: time itself is counted.
    moving = [
        name
        for name, identity in zip(recording.names, recording.ids, strict=True)
        if np.ptp(recording.readings.value[recording.readings.sensor_id == identity]) > 0
    ]
    assert len(moving) >= 5


def test_the_rate_is_kept(tmp_path: Path) -> None:
    # On a machine that others use too, one of a few must do.
    assert any(record_telemetry(tmp_path / "t.rec", 0.4, 100).achieved_per_s > 95 for _ in range(6))


def test_the_workload_records_once_and_replays(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workloads.telemetry.SECONDS", 0.3)
    first = Telemetry()
    size = first.size("small")
    assert (size.readings, size.batch, size.sensors) == (200_000, 10_000, len(first.recording().names))
    assert first.own_size == "recording"
    assert first.repeats
    assert "tiled" in first.notes(size)[0]
    path = default_path()
    assert path.parent == cache
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    written = path.read_bytes()
    second = Telemetry()
    one, other = next(iter(first.readings(size))), next(iter(second.readings(size)))
    assert one.to_records().tobytes() == other.to_records().tobytes()
    assert path.read_bytes() == written
    assert np.isin(one.sensor_id, first.sensors(size).id).all()


def test_another_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("time,a\n2024-05-01,1\n")
    monkeypatch.setenv("SENSORBENCH_TELEMETRY", str(path))
    assert Telemetry().recording().names == ("a",)
    monkeypatch.setenv("SENSORBENCH_TELEMETRY", str(tmp_path / "none.rec"))
    with pytest.raises(InputError, match=r"none\.rec: cannot be read"):
        Telemetry().size("small")


def test_a_damaged_recording_says_how_to_make_it_anew(cache: Path) -> None:
    default_path().write_bytes(b"SENSREC\n" + bytes(5000))
    with pytest.raises(InputError, match="'sensorbench record telemetry' makes it anew"):
        Telemetry().size("small")


def test_a_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SENSORBENCH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="set SENSORBENCH_CACHE to another folder"):
        Telemetry().size("small")


def test_the_cache_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SENSORBENCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_path().parent == tmp_path / "xdg" / "sensorbench"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_path().parent == tmp_path / "home" / ".cache" / "sensorbench"


@pytest.mark.parametrize(
    ("seconds", "rate"), [(0, 100), (-1, 100), (1e9, 100), (float("nan"), 100), (1, 0), (1, -5), (1, 1e7)]
)
def test_senseless_requests(tmp_path: Path, seconds: float, rate: float) -> None:
    with pytest.raises(UsageError, match="expected"):
        record_telemetry(tmp_path / "t.rec", seconds, rate)
    assert not list(tmp_path.glob("*.rec"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        record_telemetry(tmp_path / "none" / "t.rec", 0.1)


def test_an_interrupt_keeps_what_was_recorded_where_that_is_wanted(tmp_path: Path) -> None:
    def interrupt(passed_s: float, readings: int) -> None:
        raise KeyboardInterrupt

    kept, lost = tmp_path / "kept.rec", tmp_path / "lost.rec"
    with pytest.raises(KeyboardInterrupt):
        record_telemetry(kept, 5, 200, interrupt, keep_interrupted=True)
    assert len(read_recording(kept)) > 0
    with pytest.raises(KeyboardInterrupt):
        record_telemetry(lost, 5, 200, interrupt)
    assert sorted(path.name for path in tmp_path.glob("*.rec")) == ["kept.rec"]


class Scripted(Source):
    """Gives one list of values after the other."""

    def __init__(self, grows: bool, *rounds: list[float]) -> None:
        self.name = "scripted"
        self.counters = [Counter(str(number), grows) for number in range(len(rounds[0]))]
        self._rounds = iter(rounds)

    def sample(self) -> list[float]:
        found = next(self._rounds, None)
        if found is None:
            raise OSError(5, "gone")
        return found

    def select(self, chosen: Sequence[int]) -> None:
        raise NotImplementedError


def test_growth_starts_at_nothing_and_levels_do_not() -> None:
    nan = float("nan")
    counting = Scripted(True, [2.0**40, nan], [2.0**40 + 1, 7.0], [2.0**40 + 3, 9.0])
    level = Scripted(False, [5.0], [6.0], [nan], [1.0])
    rounds = Rounds((counting, level), 1000)
    ids = rounds.ids.tolist()
    taken = [
        [(ids.index(record["sensor_id"]), float(record["value"])) for record in records]
        for records in rounds.records(0.004, None)
    ]
    assert taken == [[(0, 0), (2, 5)], [(0, 1), (1, 0), (2, 6)], [(0, 3), (1, 2)], [(2, 1)]][: len(taken)]
    assert rounds.taken == len(taken) == 4 - rounds.missed
