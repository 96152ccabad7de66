"""Naive: the sensors as a list of objects, searched from the front for each reading."""

from harness.contract import Approach
from implementations.parts import Composed, aggregation, calibration, history, lookup


class Naive(Composed):
    """What the case study starts from: a scan of all sensors for every reading, objects everywhere.

    Time O(S) a reading; memory about 160 bytes a retained reading, 300 a sensor.

    Notes
    -----
    Plain and idiomatic, not slowed on purpose: the scan ends at the first match, and the list of retained
    readings is trimmed once a batch, not once a reading. It is the fastest of all to start, and for a handful of
    sensors the scan is no slower than an index.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> naive = Naive()
    >>> naive.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> naive.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> window = naive.close_window()
    >>> window.count.tolist(), window.sum.tolist(), window.unmatched, window.invalid
    ([2, 1], [10.0, 2.5], 1, 1)
    >>> naive.history().time.tolist()
    [1, 4]
    """

    approach = Approach.BEFORE

    def __init__(self) -> None:
        super().__init__(lookup.Scan(), aggregation.Objects(), history.TrimmedList(), calibration=calibration.Plain())
