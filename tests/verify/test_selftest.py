"""Every saboteur is found out as it says it will be; the honest are not."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from harness.discovery import workload as find_workload
from harness.errors import InputError
from harness.stream import Stream, write_stream
from harness.verify.selftest import Saboteur, find_saboteurs, judge

FOLDER = Path(__file__).parents[1] / "saboteurs"


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    label, workload = find_workload("steady")
    return write_stream(workload, label, workload.size("tiny"), tmp_path_factory.mktemp("stream"))


@pytest.mark.parametrize("saboteur", find_saboteurs(FOLDER), ids=lambda saboteur: saboteur.entry.label)
def test_found_out(saboteur: Saboteur, stream: Stream) -> None:
    outcome = judge(saboteur, stream)
    assert outcome.as_expected, (
        f"expected {saboteur.status} ({saboteur.what}), came out {outcome.status}: {outcome.seen}"
    )


def test_an_honest_one_needs_no_more_memory_than_who_is_found_out_by_it(stream: Stream) -> None:
    saboteurs = find_saboteurs(FOLDER)
    least_bytes = min(one.memory_bytes for one in saboteurs)
    for honest in (one for one in saboteurs if one.entry.name == "honest"):
        outcome = judge(replace(honest, memory_bytes=least_bytes), stream)
        assert outcome.as_expected, outcome.seen


def test_every_file_is_one() -> None:
    files = {path.stem: path for path in FOLDER.rglob("*.py")}
    assert {saboteur.entry.name for saboteur in find_saboteurs(FOLDER)} == set(files)
    assert all(ast.get_docstring(ast.parse(path.read_text())) for path in files.values())


def test_a_folder_without_any(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no saboteur"):
        find_saboteurs(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "EXPECTED = 1", "EXPECTED = ('verify', 'grand', '')", "EXPECTED = ('x', 'ok', '')"]
)
def test_a_file_that_does_not_say_what_it_expects(tmp_path: Path, text: str) -> None:
    (tmp_path / "mute.py").write_text(text)
    with pytest.raises(InputError, match="EXPECTED must be"):
        find_saboteurs(tmp_path)


def test_the_documentation_names_each_with_its_end() -> None:
    text = (FOLDER.parents[1] / "docs" / "verification.md").read_text()
    rows = {line.split("|")[1].strip(" `"): line for line in text.splitlines() if line.startswith("| `")}
    for saboteur in find_saboteurs(FOLDER):
        assert saboteur.what in rows[saboteur.entry.name]
    assert f"({len(find_saboteurs(FOLDER))} of {len(find_saboteurs(FOLDER))} as" in text
