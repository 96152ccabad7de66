"""Honest evidence without a worker: what a right implementation would have handed back, made from the oracle."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, History, Readings, Sensors, Statistics
from harness.control import Control
from harness.oracle import Oracle
from harness.verify.evidence import CLOSE, FEED, FLUSH, HISTORY, Retained, Run, Subject, Window

SUBJECT = Subject("subject", "made_up")
RETAIN = 6


def table() -> Sensors:
    """Four sensors; the last has no accepted reading."""
    ids = np.array([7, 2**32 - 1, 0, 99], np.uint32)
    return Sensors(ids, np.array([2, -0.5, 1.1, 1], np.float32), np.array([1, 0.25, 0, 0], np.float32))


def records() -> NDArray[np.void]:
    """Two windows of six readings: one unmatched, two invalid, one double, one -0.0."""
    rows = [
        (7, 1.5, 10), (0, -3.25, 2**40), (7, 1.5, 10), (5, 8.0, 11), (2**32 - 1, 0.1, -1), (0, np.nan, 12),
        (0, 0.7, 13), (7, -0.5, 14), (99, np.inf, 15), (2**32 - 1, -0.0, 16), (0, 1e-40, 17), (7, 2.5, 18),
    ]  # fmt: skip
    return np.array(rows, RECORD_DTYPE)


def window(first: int = 0, end: int = 6, processor: Control | None = None) -> Window:
    """The readings from `first` to `end` as one window of batches of two."""
    control = processor or _started()
    readings = Readings.of_records(records()[first:end])
    values = control.process(readings)
    return Window(
        SUBJECT,
        Oracle(table()),
        readings,
        values,
        control.close_window(),
        first_position=first,
        first_batch=first // 2,
        batch_ends=np.arange(2, end - first + 1, 2),
    )


def run(values: NDArray[np.float32] | None = None) -> Run:
    """Both windows, flushed and closed, and the history at the end."""
    control = _started()
    windows = (window(0, 6, control), window(6, 12, control))
    handed = np.concatenate([one.values for one in windows]) if values is None else values
    calls = [[FEED, 2, 2]] * 3 + [[FLUSH, 0, 0], [CLOSE, 0, 0]]
    retained = Retained(SUBJECT, Oracle(table()), Readings.of_records(records()), handed, RETAIN, control.history())
    return Run(SUBJECT, np.array([*calls, *calls, [HISTORY, 0, 0]], np.int64), (), windows, (retained,), handed)


def retained(**changed: Any) -> Retained:
    """The history at the end, with some of its arrays changed."""
    (found,) = run().histories
    arrays = {name: getattr(found.history, name).copy() for name in ("sensor_id", "time", "calibrated")}
    return replace(found, history=History(**(arrays | changed)))


def with_statistics(honest: Window, **changed: Any) -> Window:
    """The window with some of its statistics changed."""
    assert honest.statistics is not None
    return replace(honest, statistics=replace(honest.statistics, **changed))


def edited(statistics: Statistics, name: str, row: int, value: float) -> NDArray[Any]:
    """A copy of one of its arrays with one row changed."""
    array: NDArray[Any] = getattr(statistics, name).copy()
    array[row] = value
    return array


def _started() -> Control:
    control = Control()
    control.start(table(), RETAIN)
    return control
