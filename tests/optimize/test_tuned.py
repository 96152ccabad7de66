"""Tuned parameters are used where they come from, and refused elsewhere."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.discovery import find
from harness.errors import InputError, UnlikeError
from harness.machine import fingerprint
from harness.optimize.tuned import Tuned, apply_tuned, load_tuned
from harness.results import Interval
from harness.run.inputs import Inputs


@pytest.fixture(scope="module")
def tuned() -> Tuned:
    with Inputs() as inputs:
        digest = inputs.stream("steady", inputs.size("steady", "tiny")).digest
    return Tuned(
        "simd", {"block_size": 512}, {"block_size": 64}, {"block_size": 512}, "throughput", None, {}, "better",
        Interval(1.2, 1.1, 1.3), 6, 18, "steady", "tiny", digest, fingerprint().as_dict(),
    )  # fmt: skip


def test_it_comes_back_as_it_was_saved(tuned: Tuned, tmp_path: Path) -> None:
    tuned.save(tmp_path / "tuned.json")
    assert load_tuned(tmp_path / "tuned.json") == tuned


def test_it_is_given_to_its_own_implementation_alone(tuned: Tuned) -> None:
    entries = [find("processors", name) for name in ("naive", "simd", "simd[block_size=128]")]
    labels = [entry.label for entry in apply_tuned(entries, tuned, ("steady",), "tiny")]
    assert labels == ["naive", "simd[block_size=512]", "simd[block_size=128]"]


def test_another_workload_size_or_machine_is_refused_unless_told(tuned: Tuned) -> None:
    entries = [find("processors", "simd")]
    for workloads, size in ((("dirty",), "tiny"), (("steady",), "small")):
        with pytest.raises(UnlikeError, match="--allow-unlike"):
            apply_tuned(entries, tuned, workloads, size)
        assert apply_tuned(entries, tuned, workloads, size, allow_unlike=True)[0].parameters
    here = fingerprint()
    other = replace(here, cpu=replace(here.cpu, model="another processor"))
    with pytest.raises(UnlikeError, match="machine: CPU model"):
        apply_tuned(entries, tuned, ("steady",), "tiny", here=other)
    with pytest.raises(UnlikeError, match="other readings"):
        apply_tuned(entries, replace(tuned, workload_digest="0"), ("steady",), "tiny")


def test_an_implementation_that_is_not_asked_for_is_an_error(tuned: Tuned) -> None:
    with pytest.raises(InputError, match="add -p simd"):
        apply_tuned([find("processors", "naive")], tuned, ("steady",), "tiny")


@pytest.mark.parametrize("text", ["", "{}", '{"schema": 1}', "[1]", '{"schema": 7, "implementation": "simd"}'])
def test_files_that_are_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tuned.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"tuned\.json"):
        load_tuned(path)
    with pytest.raises(InputError):
        load_tuned(tmp_path / "missing.json")
