"""Object pool: reading objects and buffers are given back and used again."""

from typing import Annotated

from harness.contract import Approach, LogRange
from implementations.parts import Composed, aggregation, calibration, history, lookup, memory


class ObjectPooled(Composed):
    """Like `hash_indexed`, but no object and no buffer is made anew once the history is full.

    Time O(1) a reading; memory about 160 bytes a retained reading, 400 a sensor.

    Parameters
    ----------
    preallocated
        Reading objects in the pool before the first reading, at most as many as are retained.

    Notes
    -----
    Pooling changes nothing but where objects come from, so the difference to `hash_indexed` is the pool alone.
    Python allocates small objects from free lists already: what a pool of its own can save is the constructor,
    not a system call. The garbage collector passes when many more objects were made than dropped: a pool must not
    collect what it lends in lists of its own, or it calls up the passes that it was to save. Misses are counted; in
    steady state there are none.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> object_pooled = ObjectPooled()
    >>> object_pooled.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> object_pooled.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> object_pooled.history().time.tolist()
    [1, 4]
    >>> object_pooled.facts()["objects_taken"], object_pooled.facts()["object_misses"]
    (3, 0)
    """

    approach = Approach.MEMORY

    def __init__(self, preallocated: Annotated[int, LogRange(1, 1_000_000)] = 10_000) -> None:
        super().__init__(
            lookup.Dict(),
            aggregation.Objects(reuse=True),
            history.PooledList(preallocated),
            calibration=calibration.Plain(),
            memory=memory.Pooled(),
        )
