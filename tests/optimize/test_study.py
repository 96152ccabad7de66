"""Each fault of the study's listing is seen, by what is said to see it, and the document says so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.measure.processes.handle import Limits
from harness.optimize.study import FOLDER, Fault, document, find_faults, show
from harness.results import Status
from harness.run.inputs import Inputs
from harness.stream import Stream

DOCUMENT = Path(__file__).parents[2] / "docs" / "the-study.md"
EXPECTED = {
    "keeps_the_last_of_each_sensor": (Status.WRONG, "values"),
    "drops_the_last_batch": (Status.WRONG, "flush_hands_back_all"),
    "yields_one_buffer": (Status.WRONG, "values_calibrated"),
    "fills_a_short_buffer": (Status.FAILED, "could not broadcast input array from shape (10000,) into shape (1000,)"),
    "decorates_a_method": (Status.FAILED, "Cannot determine Numba type"),
    "weighs_an_empty_deque": (Status.OK, "measured over said"),
}


@pytest.fixture(scope="module")
def stream() -> Iterator[Stream]:
    with Inputs() as inputs:
        yield inputs.stream("steady", inputs.size("steady", "small"))


@pytest.mark.parametrize("fault", find_faults(), ids=lambda fault: fault.entry.name)
def test_every_fault_is_seen_and_stands_in_the_document(fault: Fault, stream: Stream) -> None:
    shown = show(fault, stream, Limits())
    status, words = EXPECTED[fault.entry.name]
    assert shown.status is status
    assert words in " ".join(shown.words)
    made, kept = document((shown,)), DOCUMENT.read_text()
    assert fault.about in made
    assert str(FOLDER.parent) not in made
    assert fault.about in kept
    assert fault.listing in kept
    answer = made.partition("```\n$ ")[2].partition("\n```")[0]
    if fault.seen_by == "the memory pass":  # whose figures differ from machine to machine
        answer, kept = (re.sub(r"[\d.]+ (KiB|MiB|times)", r"# \1", text) for text in (answer, kept))
    assert answer in kept, "the document is not what the tool says by now; generate it again, as its head says"


def test_all_six_are_there() -> None:
    assert {fault.entry.name for fault in find_faults()} == set(EXPECTED)


def test_a_folder_without_any(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file of the study"):
        find_faults(tmp_path)
    (tmp_path / "mute.py").write_text('"""Says nothing."""\n')
    with pytest.raises(InputError, match="lacks LISTING"):
        find_faults(tmp_path)
