"""Sorted index: binary search, scatter and slices, the usual NumPy answer."""

from harness.contract import Approach
from implementations.parts import Composed, aggregation, history, lookup


class SortedIndexed(Composed):
    """Whole batches at once: searchsorted finds the rows, bincount and ufunc.at aggregate.

    Time O(log S) a reading; memory 16 bytes a retained reading, 45 a sensor.

    Notes
    -----
    The search dominates, and its cost grows once the ids no longer fit a cache; sensor ids that repeat nearby
    hide that. Batches of a few readings pay NumPy's dispatch, some microseconds a pass.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> sorted_indexed = SortedIndexed()
    >>> sorted_indexed.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> sorted_indexed.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> sorted_indexed.close_window().last.tolist()
    [8.0, 2.5]
    """

    approach = Approach.ALGORITHM

    def __init__(self) -> None:
        super().__init__(lookup.Sorted(), aggregation.Bincount(), history.Ring())
