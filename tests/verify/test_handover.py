"""Copies of what is handed back, and what is wrong with its form."""

from typing import Any

import numpy as np
import pytest

from harness.contract import History, Statistics
from harness.measure.worker.handover import HISTORY, STATISTICS, VALUES, take


class _Subclass(np.ndarray[Any, Any]):
    """An array that is not exactly one."""


class _Lazy:
    touched = False

    def __array__(self, *_: object) -> Any:
        _Lazy.touched = True
        return np.zeros(3, np.float32)

    def __len__(self) -> int:
        _Lazy.touched = True
        return 3


def _statistics(**changed: Any) -> Statistics:
    floats = np.zeros(2, np.float32)
    given: dict[str, Any] = {
        "count": np.zeros(2, np.int64),
        "sum": np.zeros(2),
        "minimum": floats,
        "maximum": floats,
        "last": floats,
    }
    return Statistics(**(given | {"unmatched": 1, "invalid": 2} | changed))


def test_a_copy_is_a_copy() -> None:
    array = np.array([1, np.nan, -0.0], np.float32)
    handed = take(VALUES, array)
    assert handed.changed() is None
    assert not np.shares_memory(handed.copies["values"], array)
    array[2] = 0.0
    breach = handed.changed()
    assert breach is not None
    assert breach.rule == "outputs_whole"
    assert "values[2] = -0.0" in breach.expected


def test_strided_values_are_fine() -> None:
    array = np.arange(10, dtype=np.float32)[::-2]
    handed = take(VALUES, array)
    assert handed.breaches == []
    assert handed.changed() is None
    assert handed.copies["values"].tolist() == [9, 7, 5, 3, 1]


@pytest.mark.parametrize(
    ("returned", "rule", "kept"),
    [
        ([1.0], "types_plain", 0),
        (None, "types_plain", 0),
        (np.float32(1), "types_plain", 0),
        (np.zeros(3, np.float32).view(_Subclass), "types_plain", 0),
        (memoryview(b"1234"), "types_plain", 0),
        (np.zeros(3), "forms_exact", 3),
        (np.zeros(3, ">f4"), "forms_exact", 3),
        (np.zeros(3, np.int32), "forms_exact", 3),
        (np.zeros((3, 1), np.float32), "forms_exact", 0),
        (np.array(1, np.float32), "forms_exact", 0),
        (np.array([None]), "forms_exact", 0),
    ],
)
def test_wrong_forms(returned: object, rule: str, kept: int) -> None:
    handed = take(VALUES, returned)
    assert [breach.rule for breach in handed.breaches] == [rule]
    assert handed.copies["values"].dtype == np.float32
    assert len(handed.copies["values"]) == kept


def test_a_lazy_object_is_never_asked() -> None:
    assert take(VALUES, _Lazy()).breaches[0].rule == "types_plain"
    assert not _Lazy.touched


def test_statistics() -> None:
    handed = take(STATISTICS, _statistics())
    assert handed.breaches == []
    assert handed.counts == (1, 2)
    assert take(STATISTICS, _statistics(unmatched=np.int64(4))).counts == (4, 2)


@pytest.mark.parametrize("count", [1.0, True, "1", None, 2**70])
def test_counts_that_are_no_counts(count: object) -> None:
    handed = take(STATISTICS, _statistics(invalid=count))
    assert [breach.rule for breach in handed.breaches] == ["forms_exact"]


def test_statistics_past_their_own_check() -> None:
    statistics = _statistics()
    object.__setattr__(statistics, "count", np.zeros(3, np.int64))
    handed = take(STATISTICS, statistics)
    assert [breach.rule for breach in handed.breaches] == ["forms_exact"]
    assert {len(copy) for copy in handed.copies.values()} == {0}
    object.__setattr__(statistics, "count", [0, 0])
    assert take(STATISTICS, statistics).breaches[0].rule == "types_plain"


def test_a_subclass_of_statistics_is_none() -> None:
    class Mine(Statistics):
        pass

    floats = np.zeros(0, np.float32)
    mine = Mine(np.zeros(0, np.int64), np.zeros(0), floats, floats, floats, 0, 0)
    assert take(STATISTICS, mine).breaches[0].rule == "types_plain"
    assert take(HISTORY, mine).breaches[0].expected == "History"


def test_history() -> None:
    history = History(np.zeros(1, np.uint32), np.zeros(1, np.int64), np.zeros(1, np.float32))
    handed = take(HISTORY, history)
    assert handed.breaches == []
    assert sorted(handed.copies) == ["calibrated", "sensor_id", "time"]
