"""What a report opens with where nobody was the fastest: what there is, and no tile that does not hold."""

from dataclasses import replace

import pytest
from report_run import good

from harness.results import Capacity, Cell, Latency, Level
from harness.store import Record
from reports.content import Headline, Tiles
from reports.load import Run
from reports.sections import verdict

LATENCY = Latency(1e6, 0.001, 0.002, 0.003, 0.004, kept_up=True)


def opening(cells: tuple[Cell, ...] = (), record: Record | None = None) -> tuple[str, dict[str, str]]:
    """Headline and tiles of a run that holds just that."""
    manifest = {"level": str(Level.DEFAULT), "started": "2026-11-24T03:30:00+00:00", "account": {}}
    run = Run("made", manifest, cells, {record["kind"]: (record,)} if record else {})
    blocks = verdict.build(run).blocks
    (headline,) = (block for block in blocks if isinstance(block, Headline))
    (tiles,) = (block for block in blocks if isinstance(block, Tiles))
    text = headline.text if isinstance(headline.text, tuple) else (headline.text,)
    said = "".join(piece if isinstance(piece, str) else piece.text for piece in text)
    return said, {tile.label: tile.value for tile in tiles.tiles}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("retention", "This run holds a measurement of how memory grows: see Memory growth."),
        ("scale", "This run holds a scaling measurement: see Scale."),
        ("channel", "This run holds a measurement of channels: see Channels."),
        ("trial", "This run holds the trials of a tuning."),
    ],
)
def test_what_it_holds_stands_where_there_is_no_verdict(kind: str, said: str) -> None:
    found, tiles = opening(record={"kind": kind})
    assert found == said
    assert set(tiles) == {"Began"}


def test_loads_are_named_and_no_pairs_where_none_are() -> None:
    loaded = replace(good("simd", "steady"), throughput=None, speed_up=None, latency=LATENCY)
    said, tiles = opening((loaded,))
    assert said == "This run holds latency under load: see Latency."
    assert set(tiles) == {"Verified", "Began"}
    said, _ = opening((replace(loaded, capacity=Capacity(1e6, 99.0, 0.1)),))
    assert said == "This run holds latency under load and the highest load sustained: see Latency, Capacity."


def test_too_few_readings_name_nobody() -> None:
    few = replace(good("simd", "steady"), counts={"readings": 3, "windows": 1})
    said, _ = opening((few,))
    assert said.startswith("No verdict: fewer than 1,000 readings a window")
    said, _ = opening((few, replace(good("naive", "dirty"), workload_digest="other")))
    assert "naive" in said
