"""What was cut off right after its folder was made is begun again there; what holds results is not overwritten."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import sensorbench

from harness.cli._store_session import adding_to, new_store
from harness.errors import StoreError
from harness.results import Level
from harness.store import CELLS_NAME, Store, read

COMMANDS = {
    "run": ("run", "-p", "hash_indexed", "-w", "steady", "--size", "tiny", "--quick"),
    "latency": (
        "latency",
        "-p",
        "hash_indexed",
        "--size",
        "tiny",
        "--rate",
        "1e4",
        "--seconds",
        "0.2",
        "--repeat",
        "1",
    ),
}


def _made(folder: Path) -> None:
    Store.create(folder).close()


def _empty(folder: Path) -> None:
    folder.mkdir()
    (folder / CELLS_NAME).touch()


def _torn(folder: Path) -> None:
    _made(folder)
    header = (folder / CELLS_NAME).read_bytes()
    (folder / CELLS_NAME).write_bytes(header[: len(header) // 2])


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_begun_again_in_the_same_folder(command: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    _made(folder)
    outcome = sensorbench(*COMMANDS[command], "--out", folder)
    assert "holds a run already" not in outcome.err
    manifest = json.loads((folder / "run.json").read_text())
    assert manifest["environment"]
    assert manifest["finished"], "both say when they ended"
    assert {record["implementation"] for record in read(folder).records("cell")} == {"hash_indexed"}


@pytest.mark.parametrize("left", [_made, _empty, _torn])
def test_whatever_was_left(left: Callable[[Path], None], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    left(folder)
    with new_store(folder) as store:
        store.append({"kind": "cell"})
    assert [record["kind"] for record in read(folder).records()] == ["cell"]
    assert read(folder).damage == ()


@pytest.mark.parametrize("name", ["record", "manifest"])
def test_what_holds_something_is_left_as_it_is(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Store.create(folder) as store:
        if name == "record":
            store.append({"kind": "cell"})
    if name == "manifest":
        (folder / "run.json").write_text("{}")
    before = (folder / CELLS_NAME).read_bytes()
    with pytest.raises(StoreError, match="holds a run already"):
        new_store(folder)
    assert (folder / CELLS_NAME).read_bytes() == before


def test_what_is_being_written_is_left_alone(tmp_path: Path) -> None:
    with Store.create(tmp_path / "run"), pytest.raises(StoreError, match="a run is writing here"):
        new_store(tmp_path / "run")


@pytest.mark.parametrize("baselines", [["hash_indexed"], []])
def test_what_is_added_to_a_run_does_not_end_it(baselines: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with adding_to(folder, Level.QUICK, (), 0) as store:
        store.append({"kind": "load"})
    manifest = json.loads((folder / "run.json").read_text())
    assert manifest["finished"]
    manifest = {**manifest, "finished": None, "plan": {**manifest["plan"], "baselines": baselines}}
    (folder / "run.json").write_text(json.dumps(manifest))
    with contextlib.suppress(ZeroDivisionError), adding_to(folder, Level.QUICK, (), 0):
        raise ZeroDivisionError
    assert json.loads((folder / "run.json").read_text())["finished"] is None, "it did not end well"
    with adding_to(folder, Level.QUICK, (), 0):
        pass
    assert (json.loads((folder / "run.json").read_text())["finished"] is None) is bool(baselines)
