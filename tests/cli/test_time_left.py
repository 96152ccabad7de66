"""The time that is left, by a clock of its own."""

import pytest

from harness.cli._load_session import TimeLeft


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_it_counts_down_within_a_unit() -> None:
    clock = Clock()
    left = TimeLeft(2, 60.0, clock)
    left.begin()
    seen = []
    for _ in range(4):
        seen.append(left.left_s())
        clock.now_s += 20.0
    assert seen == [120.0, 100.0, 80.0, 60.0]
    clock.now_s = 190.0
    assert left.left_s() == 60.0, "the other unit is still to come"


def test_it_learns_from_what_is_done() -> None:
    clock = Clock()
    left = TimeLeft(4, 60.0, clock)
    left.begin()
    clock.now_s += 10.0
    left.end()
    assert left.left_s() == pytest.approx(30.0)
    left.begin()
    clock.now_s += 4.0
    assert left.left_s() == pytest.approx(26.0)
    left.leave_out(1)
    assert left.left_s() == pytest.approx(7.0), "two are done, in 14 s; one is left"
