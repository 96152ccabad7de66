"""Reading stored runs: whole, damaged, superseded, going on, and none at all."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from report_run import good, write_run

from harness.errors import StoreError
from harness.results import Level, to_builtins
from harness.store import CELLS_NAME, Store
from reports.document import document
from reports.formats import FORMATS, write
from reports.load import load, newest


def test_the_newest_record_of_a_cell_counts(tmp_path: Path) -> None:
    first = good("simd", "steady")
    again = replace(first, notes=("measured again",))
    other = good("naive", "steady")
    run = load(write_run(tmp_path / "run", found=(first, other, again)))
    assert run.cells == (again, other)


def test_what_was_stored_comes_back(tmp_path: Path) -> None:
    cell = good("simd", "telemetry")
    run = load(write_run(tmp_path / "run", found=(cell,)))
    assert run.cells == (cell,)
    assert run.level is Level.DEFAULT
    assert [record["name"] for record in run.records["sentinel"]] == ["identical code", "5% slower"]
    assert run.damage == ()


@pytest.mark.parametrize(("cut", "lines", "left"), [(1, 0, 2), (40, 0, 2), (10, -3, 1)])
def test_a_torn_store_is_reported_with_what_is_left(tmp_path: Path, cut: int, lines: int, left: int) -> None:
    """So many bytes are missing at the end, or from the end of that line on: the third is the second cell."""
    folder = write_run(tmp_path / "run", found=(good("simd", "steady"), good("naive", "steady")))
    path = folder / CELLS_NAME
    content = b"".join(path.read_bytes().splitlines(keepends=True)[: -lines or None])
    path.write_bytes(content[:-cut])
    run = load(folder)
    assert len(run.cells) == left
    assert run.damage
    for written in write(run, tmp_path, ["html", "md"]):
        assert "could not be read" in written.read_text(encoding="utf-8")


def test_every_flipped_byte_is_reported_or_harmless(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", found=(good("simd", "steady"), good("naive", "steady")))
    path = folder / CELLS_NAME
    intact = path.read_bytes()
    for position in range(0, len(intact), 97):
        damaged = bytearray(intact)
        damaged[position] ^= 0x10
        path.write_bytes(bytes(damaged))
        run = load(folder)
        assert run.damage, position
        assert len(document(run)["cells"]) >= 1


def test_a_cell_that_does_not_fit_is_left_out_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Store.create(folder) as store:
        store.append({"kind": "cell", "implementation": 7})
        store.append({"kind": "cell", **to_builtins(good("simd", "steady"))})
        store.append({"kind": "from the future", "anything": [1]})
    run = load(folder)
    assert [cell.implementation for cell in run.cells] == ["simd"]
    assert "record 1: not a cell" in run.damage[-1]


def test_a_channel_that_does_not_fit_is_left_out_and_named(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    known = document(load(folder))["channels"]
    with Store.open(folder) as store:
        store.append({"kind": "channel", "channel": 7})
    run = load(folder)
    assert document(run)["channels"] == known
    assert "not a channel as this version knows it" in run.damage[-1]


@pytest.mark.parametrize("text", [None, "", "{", "[1]", '{"level": 3, "environment": 7, "unstable": 1, "started": []}'])
def test_a_run_without_its_manifest_is_still_reported(tmp_path: Path, text: str | None) -> None:
    folder = write_run(tmp_path / "run", found=(good("simd", "steady"),))
    (folder / "run.json").unlink()
    if text is not None:
        (folder / "run.json").write_text(text)
    run = load(folder)
    assert run.level is None
    assert write(run, folder, FORMATS)


def test_a_run_without_a_cell_is_reported(tmp_path: Path) -> None:
    run = replace(load(write_run(tmp_path / "run", found=())), records={})
    html, md, summary, *_ = write(run, tmp_path, FORMATS)
    assert "No verdict" in html.read_text()
    assert "No verdict" in md.read_text()
    assert "0 of 0" not in md.read_text()
    assert json.loads(summary.read_text())["cells"] == []


@pytest.mark.parametrize("name", ["missing", "file", "empty"])
def test_no_run_is_one_line_with_a_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match=r"expected (the|a) folder") as caught:
        load(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_the_newest_run_is_the_one_that_began_last(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="sensorbench run"):
        newest(tmp_path / "results")
    for name, started in (("b", "2026-01-02T00:00:00+00:00"), ("a", "2026-01-03T00:00:00+00:00")):
        folder = write_run(tmp_path / "results" / name, found=())
        manifest = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps(manifest | {"started": started}))
        time.sleep(0.001)
    assert newest(tmp_path / "results").name == "a"
