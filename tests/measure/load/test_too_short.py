"""A stretch too short for the rhythm of what it is put on: taken for longer where that is allowed, else said."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.discovery import find, workload
from harness.measure.load.capacity import fault_of, find_capacity
from harness.measure.load.latency import MOST_LENGTHENED_S, Load, latency_of, latency_under, measure_latency, take_valid
from harness.measure.load.objective import Objective
from harness.measure.load.stretch import Stretch
from harness.measure.machine.stalls import Stalls
from harness.measure.processes.handle import Limits
from harness.statistics.backlog import Standing
from harness.stream import write_stream

LONG = Stretch(
    offered_per_s=1e4, seconds=3.0, readings=30_000, p50_s=0.05, p99_s=0.1, p999_s=0.1, max_s=0.1, missing=0,
    slip_p999_s=1e-5, slip_max_s=1e-4, standing=Standing(0.0, 0.0, 0.0), kept_up=True, overloaded=False,
    own_share=0.1, invalid=None, recording_ns=1.0, lines={"backlog": [0]}, facts={}, gap_s=0.1,
)  # fmt: skip
SHORT = replace(LONG, standing=None, kept_up=None)


class Periodic:
    """A side that needs ten periods to tell; late as often as `late` says."""

    history_full = True
    warm_per_s = 2e4

    def __init__(self, period_s: float, late: int = 0) -> None:
        self.period_s, self.late = period_s, late
        self.seconds: list[float] = []

    def take(self, load: Load) -> Stretch:
        self.seconds.append(load.seconds)
        shown = LONG if load.seconds >= 10 * self.period_s else SHORT
        invalid = "the generator itself was 5.00 ms late at p99.9" if len(self.seconds) <= self.late else None
        figures = {"gap_s": self.period_s, "invalid": invalid, "slip_p999_s": 0.005 if invalid else 1e-5}
        return replace(shown, offered_per_s=load.offered_per_s, seconds=load.seconds, **figures)  # type: ignore[arg-type]

    def stalls(self) -> Stalls | None:
        return None


def test_one_that_is_long_enough_is_taken_once() -> None:
    side = Periodic(0.05)
    assert take_valid(side, Load(1e4, 0.5, most_s=15.0)).kept_up
    assert side.seconds == [0.5]


@pytest.mark.parametrize("late", [0, 1, 2])
def test_it_is_taken_for_ten_periods_and_a_little_more(late: int) -> None:
    side = Periodic(0.2, late)
    stretch = take_valid(side, Load(1e4, 0.5, most_s=15.0))
    assert stretch.kept_up
    assert stretch.valid
    assert side.seconds == pytest.approx([0.5, *[2.4] * max(1, late)])
    assert stretch.tries == len(side.seconds)


def test_what_nobody_allowed_to_lengthen_stays_as_long_as_it_is_and_says_what_it_takes() -> None:
    side = Periodic(0.2)
    found = latency_under(side, Load(1e4, 0.5), repetitions=3)
    assert side.seconds == [0.5] * 3
    assert not found.valid
    assert not found.kept_up
    assert found.details["invalid"] == (
        "too short to tell whether the backlog grows: values came back up to 200 ms apart; give it 2.40 s or more"
    )


def test_there_is_an_end_to_lengthening() -> None:
    side = Periodic(2.0)
    found = latency_under(side, Load(1e4, 0.5, most_s=15.0))
    assert side.seconds == [0.5, 15.0]
    assert not found.valid


def test_of_several_the_ones_that_tell_decide() -> None:
    behind = replace(LONG, kept_up=False)
    for stretches, kept_up, valid in (
        ([LONG, LONG, SHORT], True, True),
        ([LONG, behind, SHORT], False, True),
        ([LONG, SHORT, SHORT], True, False),
        ([behind, behind, SHORT], False, True),
    ):
        found = latency_of(stretches, None)
        assert (found.kept_up, found.valid) == (kept_up, valid)


def test_a_capacity_that_cannot_be_told_ends_with_what_is_known_and_is_nobodys_fault() -> None:
    objective = Objective(99.0, 1.0)
    assert fault_of(replace(SHORT, p99_s=2.0), objective) == "2.00 s is above p99 within 1.00 s"
    side = Periodic(0.5)
    found = find_capacity(side, objective, seconds=3.0)
    assert found.per_s is None
    assert found.details["limit"].endswith("apart; give it 6.00 s or more")
    assert not found.details["limited_by_generator"]
    assert len(side.seconds) == 2, "two of three have decided it, and another load would tell no more"


def test_a_pipeline_that_sets_off_every_tenth_of_a_second_keeps_up(tmp_path: Path) -> None:
    """For half a second it was said to fall behind, and the generator to blame; on a busy machine it takes longer."""
    _, steady = workload("steady")
    stream = write_stream(steady, "steady", steady.size("small"), tmp_path / "stream")
    found = measure_latency(
        find("processors", "cached"), stream, steady, Limits(), offered_per_s=1e4, seconds=0.5, warm_up_s=0.05
    )
    (taken,) = found.details["repetitions"]
    assert "cannot keep" not in (taken["invalid"] or "")
    assert taken["gap_s"] >= 0.05
    assert found.details["seconds"] == taken["seconds"]
    assert 0.5 < taken["seconds"] <= MOST_LENGTHENED_S
    if taken["slope_upper_per_s"] is None:  # a machine that stood still for so long, three times
        assert not found.valid
