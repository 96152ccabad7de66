"""Ways through a stream: the same windows, other batches, every reading once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.stream import window_ends
from harness.verify.course import Course

lengths = st.lists(st.integers(1, 300), min_size=1, max_size=60)


def _course(batches: list[int], windows: int, layout: str = "arrays") -> Course:
    cuts = np.concatenate(([0], np.cumsum(batches))).astype(np.int64)
    return Course(cuts, window_ends(len(batches), windows), layout, flushed=True, own_cuts=False)


def _fed(course: Course, first: int, end: int) -> list[int]:
    """The batches that are fed by the steps, in order."""
    return [
        batch for step in course.steps(first, end) if step[0] == "feed" for batch in range(int(step[1]), int(step[2]))
    ]


@given(lengths, st.integers(1, 12), st.text(max_size=5))
def test_cut_otherwise_keeps_windows_and_readings(batches: list[int], windows: int, seed: str) -> None:
    course = _course(batches, windows)
    other = course.cut_otherwise(seed)
    assert (np.diff(other.cuts) > 0).all()
    assert other.cuts[0] == 0
    assert other.cuts[other.ends].tolist() == course.cuts[course.ends].tolist()
    assert np.diff(other.cuts).max() <= max(64, 2 * max(batches))
    assert (other.layout, other.flushed, other.own_cuts) == ("records", False, True)


def test_cut_otherwise_is_cut_otherwise() -> None:
    course = _course([50] * 20, 4)
    other = course.cut_otherwise("seed")
    found = np.diff(other.cuts).tolist()
    assert found != [50] * 20
    assert min(found) < 14
    assert max(found) > 50
    assert other.cuts.tolist() == course.cut_otherwise("seed").cuts.tolist()
    assert _course([5], 1, "mapped").cut_otherwise("seed").layout == "arrays"


@given(lengths, st.integers(1, 12), st.data())
def test_steps_in_asks_are_the_steps_in_one(batches: list[int], windows: int, data: st.DataObject) -> None:
    course = _course(batches, windows)
    middle = data.draw(st.integers(0, len(batches)))
    asks = [course.steps(0, middle), course.steps(middle, len(batches))] if 0 < middle < len(batches) else []
    whole = course.steps(0, len(batches))
    assert _fed(course, 0, len(batches)) == list(range(len(batches)))
    assert whole.count(("close",)) == len(course.ends)
    if asks:
        assert _fed(course, 0, middle) + _fed(course, middle, len(batches)) == list(range(len(batches)))
        assert sum(ask.count(("close",)) for ask in asks) == len(course.ends)
    assert whole[-3:] == [("flush",), ("history",), ("table",)]


def test_a_part() -> None:
    part = _course([10] * 10, 5).part(2)
    assert (part.batches, part.ends.tolist(), int(part.cuts[-1])) == (4, [2, 4], 40)
    assert part.steps(0, 4)[:3] == [("feed", 0, 2), ("flush",), ("close",)]
