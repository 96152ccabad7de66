"""Statistics of columns that are filled anew for each window."""

import numpy as np

from harness.contract import Readings, Statistics


def test_other_counts_of_rejected_readings_come_with_the_same_read_only_columns() -> None:
    count, total, sides = np.zeros(3, np.int64), np.zeros(3), np.zeros(3, np.float32)
    first = Statistics(count, total, sides, sides, sides, unmatched=0, invalid=0)
    second = first.again(5, 7)
    count[1] = 9
    assert (second.unmatched, second.invalid, len(second)) == (5, 7, 3)
    assert (first.unmatched, first.invalid) == (0, 0)
    assert second.count.tolist() == [0, 9, 0]
    assert not any(
        column.flags.writeable for column in (second.count, second.sum, second.minimum, second.maximum, second.last)
    )
    assert second.again(5, 7) is second


def test_no_reading_is_always_the_same_batch_and_read_only() -> None:
    nothing = Readings.empty()
    assert nothing is Readings.empty()
    assert len(nothing) == 0
    assert not nothing.value.flags.writeable
