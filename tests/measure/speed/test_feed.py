"""What is fed while measuring: whole windows, other content each pass, other memory each turn."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from harness.contract import STANDARD_SIZES, Readings
from harness.discovery import workload
from harness.measure.speed.feed import Feed, first_position, window_at
from harness.stream import Stream, write_stream


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    name, steady = workload("steady")
    return write_stream(steady, name, STANDARD_SIZES["tiny"], tmp_path_factory.mktemp("stream"))


def joined(batches: list[Readings]) -> np.ndarray:
    return np.concatenate([batch.to_records() for batch in batches])


@pytest.mark.parametrize("layout", ["arrays", "records"])
def test_a_pass_is_the_stream_rotated(stream: Stream, layout: str) -> None:
    feed = Feed(stream, layout)  # type: ignore[arg-type]
    windows = len(stream.window_ends)
    for pass_index in range(4):
        taken, staged = feed.take(windows)
        content = joined([batch for batches in staged for batch in batches])
        first = taken[0].first_position
        assert np.array_equal(content, np.roll(stream.records, -first))
        assert (first == 0) == (pass_index == 0)


@pytest.mark.parametrize("length", [1, 2, 6, 50, 500, 2_000, 9_973, 30_030])
def test_every_reading_begins_a_pass_before_any_does_again(length: int) -> None:
    starts = [first_position(length, pass_index) for pass_index in range(2 * length)]
    assert sorted(starts[:length]) == list(range(length))
    assert starts[length:] == starts[:length]


@pytest.mark.parametrize("length", [2_000, 9_973, 30_030, 100_000_000])
@pytest.mark.parametrize("passes", [5, 20, 89])
def test_passes_keep_apart(length: int, passes: int) -> None:
    starts = sorted(first_position(length, pass_index) for pass_index in range(passes))
    gaps = np.diff([*starts, starts[0] + length])
    assert gaps.min() > 0.5 * length / passes
    assert gaps.max() < 3 * length / passes


def test_no_batch_comes_again_before_as_many_passes_as_it_has_readings(stream: Stream) -> None:
    windows, batch = len(stream.window_ends), stream.size.batch
    assert len(stream) % batch == 0
    seen: set[int] = set()
    for pass_index in range(batch):
        first = window_at(stream, pass_index * windows).first_position
        now = {(first + cut) % len(stream) for cut in stream.cuts[:-1].tolist()}
        assert not now & seen, f"pass {pass_index}"
        seen |= now


def test_the_same_memory_never_holds_the_same_content_in_turn(stream: Stream) -> None:
    feed = Feed(stream, "arrays")
    seen: dict[int, bytes] = {}
    for _ in range(12):
        _, staged = feed.take(1)
        address = staged[0][0].value.__array_interface__["data"][0]
        content = joined(staged[0]).tobytes()
        assert seen.get(address) != content
        seen[address] = content
    assert len(seen) >= 2


def test_windows_cover_the_stream_without_gap(stream: Stream) -> None:
    spans = [stream.positions_of_window(window) for window in range(len(stream.window_ends))]
    assert spans[0][0] == 0
    assert spans[-1][1] == len(stream)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))


def test_records_are_views_of_the_mapped_file(stream: Stream) -> None:
    _, staged = Feed(stream, "records").take(1)
    assert np.shares_memory(staged[0][0].value, stream.records)
    assert staged[0][0].value.strides == (16,)
    assert Path(stream.folder / "readings.rec").exists()
