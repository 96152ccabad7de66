"""Ring buffer: a preallocated circular history, and no allocation once running."""

from typing import Annotated

from harness.contract import Approach, LogRange
from implementations.parts import Composed, aggregation, calibration, history, lookup, memory


class RingBuffer(Composed):
    """Everything is allocated before the first reading, or when the largest batch is first seen.

    Time O(1) a reading; memory 16 bytes a retained reading, 4 for each reading of the largest batch, 100 a sensor.

    Parameters
    ----------
    block_size
        Readings that pass through the parts together, so that what lies between them stays in the cache.

    Notes
    -----
    The history is overwritten in place, so its age costs nothing and its memory is exact. Work buffers are
    reused: outputs stay in the cache where a fresh array would be new pages from the system each time. NumPy
    cannot condense a batch with rejected readings without a temporary, hence the compiled loops.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> ring_buffer = RingBuffer()
    >>> ring_buffer.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> ring_buffer.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> ring_buffer.history().time.tolist()
    [1, 4]
    """

    approach = Approach.ALGORITHM

    def __init__(self, block_size: Annotated[int, LogRange(256, 1 << 20)] = 8192) -> None:
        super().__init__(
            lookup.Hashed(),
            aggregation.Arrays(),
            history.CompiledRing(),
            calibration=calibration.Compiled(),
            memory=memory.Reused(),
            block_size=block_size,
        )
