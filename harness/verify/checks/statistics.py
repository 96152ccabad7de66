"""The statistics of a window, against the values that were handed back."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from harness.oracle import Groups
from harness.verify.check import check
from harness.verify.evidence import Finding, Window
from harness.verify.tolerance import allowed_sum_errors, first_sum_beyond


@check(Window)
def statistics_have_a_row_a_sensor(window: Window) -> Finding | None:
    """Statistics hold one row a sensor of the table."""
    expected = len(window.oracle.sensors)
    if window.statistics is None or len(window.statistics) == expected:
        return None
    return Finding(f"{expected} rows", f"{len(window.statistics)} rows")


@check(Window)
def counts_exact(window: Window) -> Finding | None:
    """The count of each sensor is that of its accepted readings."""
    if not _comparable(window) or window.statistics is None:
        return None
    expected, got = window.oracle.counts(window.whole_answer), window.statistics.count
    wrong = np.flatnonzero(expected != got)
    return _at(window, wrong, lambda row: (f"count {expected[row]}", f"{got[row]}")) if len(wrong) else None


@check(Window)
def rejections_exact(window: Window) -> Finding | None:
    """Unmatched and invalid readings are counted, each as what it is."""
    if window.statistics is None:
        return None
    expected = (window.whole_answer.unmatched, window.whole_answer.invalid)
    got = (window.statistics.unmatched, window.statistics.invalid)
    if got == expected:
        return None
    return Finding("unmatched {}, invalid {}".format(*expected), "unmatched {}, invalid {}".format(*got))


@check(Window)
def minimum_exact(window: Window) -> Finding | None:
    """The minimum is the least value handed back; only the sign of a zero is free."""
    return _extreme(window, "minimum", zero_sign_is_free=True)


@check(Window)
def maximum_exact(window: Window) -> Finding | None:
    """The maximum is the greatest value handed back; only the sign of a zero is free."""
    return _extreme(window, "maximum", zero_sign_is_free=True)


@check(Window)
def last_exact(window: Window) -> Finding | None:
    """The last is the value handed back for the newest accepted reading, bit for bit."""
    return _extreme(window, "last", zero_sign_is_free=False)


@check(Window)
def sums_bounded(window: Window) -> Finding | None:
    """The sum is within gamma_(n-1) sum|c| of the exact sum of the values handed back; 0 without any."""
    if not _comparable(window, whole=True) or window.statistics is None:
        return None
    got, groups = window.statistics.sum, window.groups
    index = first_sum_beyond(groups, got[groups.row])
    if index is not None:
        one = Groups(groups.row[index : index + 1], np.array([0, len(groups.of(index))]), groups.of(index))
        row, allowed = groups.row[index : index + 1], float(allowed_sum_errors(one)[0])
        exact = float(one.sums()[0])
        return _at(window, row, lambda row: (f"sum {exact!r}", f"{float(got[row])!r}"), f"{allowed:.3g}")
    empty = np.ones(len(got), np.bool_)
    empty[groups.row] = False
    wrong = np.flatnonzero(empty & ~(got == 0))
    return _at(window, wrong, lambda row: ("sum 0.0", f"{float(got[row])!r}")) if len(wrong) else None


def _comparable(window: Window, whole: bool = False) -> bool:
    """Whether rows can be compared; and, if `whole` is asked for, values with the readings they belong to."""
    rows = window.statistics is not None and len(window.statistics) == len(window.oracle.sensors)
    return rows and (window.whole or not whole)


def _extreme(window: Window, name: str, zero_sign_is_free: bool) -> Finding | None:
    if not _comparable(window, whole=True):
        return None
    got: Floats = getattr(window.statistics, name)
    expected = np.full(len(got), np.nan, np.float32)
    expected[window.groups.row] = getattr(window.groups, name)()
    same = expected.view(np.uint32) == got.view(np.uint32)
    same |= np.isnan(expected) & np.isnan(got)
    if zero_sign_is_free:
        same |= (expected == 0) & (got == 0)
    wrong = np.flatnonzero(~same)
    return _at(window, wrong, lambda row: (f"{name} {expected[row]!s}", f"{got[row]!s}")) if len(wrong) else None


def _at(
    window: Window, rows: NDArray[np.int64], shown: Callable[[int], tuple[str, str]], allowed: str = "exact"
) -> Finding:
    """A finding at the first of `rows`, placed at the newest reading of that sensor."""
    row = int(rows[0])
    of_sensor = np.flatnonzero(window.whole_answer.row == row)
    expected, got = shown(row)
    sensor = f"of sensor {window.oracle.sensors.id[row]} (row {row})"
    more = f" ({len(rows)} sensors differ)" if len(rows) > 1 else ""
    return Finding(f"{expected} {sensor}", got + more, allowed, int(of_sensor[-1]) if len(of_sensor) else None)


CHECKS = (
    statistics_have_a_row_a_sensor,
    counts_exact,
    rejections_exact,
    minimum_exact,
    maximum_exact,
    last_exact,
    sums_bounded,
)
