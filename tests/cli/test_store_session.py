"""Sessions of one store: each that adds something is written down, and none of another machine adds anything."""

import json
from pathlib import Path

import pytest

from harness.cli._store_session import adding_to
from harness.errors import UnlikeError
from harness.results import Level


def add(folder: Path, *kinds: str) -> None:
    with adding_to(folder, Level.DEFAULT, ("steady",), 0) as store:
        for kind in kinds:
            store.append({"kind": kind})


def manifest(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "run.json").read_text())
    return found


def test_each_session_that_adds_something_is_written_down(tmp_path: Path) -> None:
    add(tmp_path / "run", "scale")
    first = manifest(tmp_path / "run")
    first["finished"] = "2026-01-01T00:00:00+00:00"  # long ago: the seconds of two sessions may be the same
    (tmp_path / "run" / "run.json").write_text(json.dumps(first))
    add(tmp_path / "run")
    assert manifest(tmp_path / "run") == first
    add(tmp_path / "run", "scale")
    second = manifest(tmp_path / "run")
    assert {**second, "sessions": first["sessions"], "finished": first["finished"]} == first
    assert str(second["finished"]) > str(first["finished"])
    sessions = second["sessions"]
    assert isinstance(sessions, list)
    assert [session.get("differs") for session in sessions] == [None, []]


def test_another_machine_adds_nothing(tmp_path: Path) -> None:
    add(tmp_path / "run", "scale")
    found = manifest(tmp_path / "run")
    environment = found["environment"]
    assert isinstance(environment, dict)
    environment["cpu"]["model"] = "Imaginary 9000"
    (tmp_path / "run" / "run.json").write_text(json.dumps(found))
    with pytest.raises(UnlikeError, match=r"CPU model: Imaginary 9000 and .*; add to a run of this machine"):
        add(tmp_path / "run", "scale")
    assert manifest(tmp_path / "run") == found
