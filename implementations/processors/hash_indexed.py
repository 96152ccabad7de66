"""Hash-indexed: a dict from sensor id to row, one pass in plain Python."""

from harness.contract import Approach
from implementations.parts import Composed, aggregation, calibration, history, lookup


class HashIndexed(Composed):
    """What the case study ends its first step with: a hash map for the scan, a bounded deque for the list.

    Time O(1) a reading; memory about 160 bytes a retained reading, 400 a sensor.

    Notes
    -----
    All else is that of `naive`, object by object. It gains in proportion to the number of sensors; what remains is
    the interpreter's time for each reading, about a microsecond whatever the table.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> hash_indexed = HashIndexed()
    >>> hash_indexed.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> hash_indexed.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> hash_indexed.close_window().maximum.tolist()
    [8.0, 2.5]
    """

    approach = Approach.ALGORITHM

    def __init__(self) -> None:
        super().__init__(lookup.Dict(), aggregation.Objects(), history.Deque(), calibration=calibration.Plain())
