"""Compiled code is kept by the state of all sources, and workers are told where."""

import os
from pathlib import Path

import pytest

from harness.measure.processes.compiled import VARIABLE, compiled_environment, compiled_folder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "kernels").mkdir(parents=True)
    (folder / "kernels" / "callee.py").write_text("x = 1\n")
    (folder / "caller.py").write_text("y = 1\n")
    return folder


def test_a_change_of_any_source_is_another_folder(sources: Path) -> None:
    before = compiled_folder(sources)
    assert before is not None
    assert before.is_dir()
    assert compiled_folder(sources) == before
    (sources / "kernels" / "callee.py").write_text("x = 2\n")
    assert compiled_folder(sources) != before
    (sources / "kernels" / "callee.py").write_text("x = 1\n")
    assert compiled_folder(sources) == before


def test_only_the_latest_are_kept(sources: Path) -> None:
    made = []
    for number in range(9):
        (sources / "caller.py").write_text(f"y = {number}\n")
        folder = compiled_folder(sources)
        assert folder is not None
        os.utime(folder, (number, number))
        made.append(folder)
    assert [folder.exists() for folder in made] == [False] * 3 + [True] * 6


def test_where_nothing_can_be_made_numba_decides(sources: Path) -> None:
    (sources / "__pycache__").write_text("a file stands in the way")
    assert compiled_folder(sources) is None


def test_what_the_user_says_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "elsewhere")
    assert compiled_environment() == {}
    monkeypatch.delenv(VARIABLE)
    assert set(compiled_environment()) == {VARIABLE}
