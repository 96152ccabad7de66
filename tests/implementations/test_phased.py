"""Every combination of techniques does the same job exactly."""

import itertools

import numpy as np
import pytest
from awkward_streams import Case, cases
from hypothesis import given, settings
from plain_reference import PlainReference

from harness.contract import Accelerated, Approach, Readings, Sensors
from harness.discovery import find, load
from harness.errors import ContractError, UsageError
from harness.measure.processes.handle import Limits, Worker
from harness.optimize.phases import PHASES, TECHNIQUES, entry_with
from implementations.processors.phased import Phased

COMBINATIONS = [
    dict(zip(TECHNIQUES, switches, strict=True))
    for switches in itertools.product((False, True), repeat=len(TECHNIQUES))
]


def label(chosen: dict[str, bool]) -> str:
    return "+".join(name for name, on in chosen.items() if on) or "before"


def follow(phased: Phased, case: Case) -> None:
    """Run through `case` beside the reference: windows close, histories are taken, inputs come in any layout."""
    reference = PlainReference(case.sensors, case.retain)
    phased.start(case.sensors, case.retain)
    for batch, close in zip(case.batches(), case.closes, strict=True):
        reference.follow(batch, phased.process(batch))
        if close:
            reference.check_window(phased.close_window())
        reference.check_history(phased.history())
    assert len(phased.flush()) == 0
    reference.check_window(phased.close_window())
    reference.check_history(phased.history())
    phased.stop()


@pytest.mark.parametrize("chosen", COMBINATIONS, ids=label)
@settings(max_examples=25, deadline=None)
@given(case=cases())
def test_every_combination_is_right(chosen: dict[str, bool], case: Case) -> None:
    phased = Phased(**chosen)
    follow(phased, case)
    follow(phased, case)  # a second start begins afresh


@pytest.mark.parametrize("chosen", [COMBINATIONS[0], COMBINATIONS[-1]], ids=label)
def test_use_before_start_is_refused(chosen: dict[str, bool]) -> None:
    with pytest.raises(ContractError, match="before start"):
        Phased(**chosen).process(Readings.empty())


def test_longer_batches_than_a_block_and_than_what_is_retained() -> None:
    rng = np.random.default_rng(3)
    ids = rng.choice(2**32, 40, replace=False).astype(np.uint32)
    sensors = Sensors(ids, rng.normal(size=40).astype(np.float32), rng.normal(size=40).astype(np.float32))
    readings = Readings(rng.choice(ids, 3000), np.arange(3000), rng.normal(size=3000).astype(np.float32))
    for chosen in COMBINATIONS:
        follow(Phased(**chosen), Case(sensors, readings, [700, 2900], [True, False, False], 1000))


def test_the_phases_are_what_the_study_says() -> None:
    assert [(phase.name, phase.techniques) for phase in PHASES] == [
        ("before", ()),
        ("phase 1", ("hash_index", "ring_buffer")),
        ("phase 2", ("hash_index", "ring_buffer", "pool", "arena")),
        ("phase 3", ("hash_index", "ring_buffer", "pool", "arena", "simd")),
    ]


def test_a_phase_is_an_entry_that_can_be_named() -> None:
    entry = entry_with(PHASES[1].techniques)
    assert entry.label == "phased[pool=false,arena=false,simd=false]"
    assert find("processors", entry.label) == entry
    assert load(entry) is Phased
    assert entry_with(PHASES[-1].techniques).label == "phased"


def test_with_a_gpu_another_class_does_the_job_and_is_asked_for_everything() -> None:
    chosen = load(find("processors", "phased[gpu=true]"))
    assert chosen is Phased.in_its_place["gpu"]
    assert issubclass(chosen, Accelerated)
    assert (chosen.threads, chosen.sum_depends_on_scheduling) == ("many", True)
    assert chosen.approach is Approach.INTEGRATED
    assert load(find("processors", "phased[gpu=false]")) is load(find("processors", "phased")) is Phased
    with Worker(find("processors", "phased[gpu=true]"), Limits()) as worker:
        described = worker.described
    assert described["accelerated"]
    assert (described["parameters"], described["ranges"]) == ({"gpu": True}, {})
    assert described["unavailable"] == chosen.unavailable()


def test_without_a_gpu_all_is_as_the_class_says_and_the_switch_is_not_tuned() -> None:
    with Worker(find("processors", "phased"), Limits()) as worker:
        described = worker.described
    assert (described["accelerated"], described["threads"], described["unavailable"]) == (False, "one", None)
    assert described["ranges"].keys() == {*TECHNIQUES, "block_size"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("phased[gpu=7]", "is out of range; expected one of False, True"),
        ("phased[gpu=true,simd=false]", "has no parameter 'simd'; it has gpu"),
    ],
)
def test_what_means_nothing_beside_a_gpu_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load(find("processors", text))
