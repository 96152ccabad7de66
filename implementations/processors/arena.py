"""Arena: everything from one huge-page-backed block, a window's share freed at once."""

from typing import Annotated

from harness.contract import Approach, LogRange
from implementations.parts import Composed, aggregation, calibration, history, lookup, memory


class Arena(Composed):
    """An allocation moves a pointer; closing the window moves it back.

    Time O(1) a reading; memory 16 bytes a retained reading, 100 a sensor, and 4 for each reading of a window up
    to `window_bytes`, in steps of a huge page (2 MiB).

    Parameters
    ----------
    window_bytes
        Room for the outputs and temporaries of a window; a longer window rewinds early, between two batches.
    block_size
        Readings that pass through the parts together, so that what lies between them stays in the cache.

    Notes
    -----
    Index, calibration table, window state and history lie at the bottom of the block, behind one another and on
    huge pages: random access to them misses the address-translation buffer less often. A smaller `window_bytes`
    rewinds more often and stays in the cache; the default holds a window of 8,000,000 readings.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> arena = Arena()
    >>> arena.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> arena.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> arena.facts()["arena_overflows"]
    0
    """

    approach = Approach.MEMORY

    def __init__(
        self,
        window_bytes: Annotated[int, LogRange(1 << 20, 1 << 30)] = 1 << 25,
        block_size: Annotated[int, LogRange(256, 1 << 20)] = 8192,
    ) -> None:
        super().__init__(
            lookup.Hashed(),
            aggregation.Arrays(),
            history.CompiledRing(),
            calibration=calibration.Compiled(),
            memory=memory.Arena(window_bytes),
            block_size=block_size,
        )
