"""Memory-mapped: readings are used where they lie in the mapped file."""

from typing import Annotated

from harness.contract import Approach, Choice, LogRange
from implementations.parts import Composed, aggregation, calibration, history, lookup, memory


class MemoryMapped(Composed):
    """Works on strided views of the mapped record file; no reading is copied before it is calibrated.

    Time O(1) a reading; memory 16 bytes a retained reading, 100 a sensor, and 4 for each reading of the largest
    batch: its output.

    Parameters
    ----------
    block_size
        Readings that pass through the parts together: what lies between them is 12 bytes each, and stays in the cache.
    retain_in
        "file" keeps the history in a mapped file too, so that anonymous memory does not grow with what is retained.

    Notes
    -----
    Saves the copy from the page cache that reading a file costs, and lets the system take pages back at will. It
    is slower than reading ahead when the file is not in memory, because each page is waited for when it is touched.
    A file that is cut short while it is mapped ends the process (SIGBUS): that is the price of no copy.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import RECORD_DTYPE, Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> memory_mapped = MemoryMapped()
    >>> memory_mapped.start(sensors, retain=2)
    >>> records = np.array([(7, 1, 0), (9, 2, 1), (8, 3, 2), (7, np.nan, 3), (7, 4, 4)], RECORD_DTYPE)
    >>> memory_mapped.process(Readings.of_records(records))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> memory_mapped.history().time.tolist()
    [1, 4]
    """

    approach = Approach.ALGORITHM
    input_layout = "records"

    def __init__(
        self,
        block_size: Annotated[int, LogRange(256, 1 << 20)] = 8192,
        retain_in: Annotated[str, Choice("memory", "file")] = "memory",
    ) -> None:
        super().__init__(
            lookup.Hashed(),
            aggregation.Arrays(),
            history.Mapped() if retain_in == "file" else history.CompiledRing(),
            calibration=calibration.Compiled(),
            memory=memory.Reused(),
            block_size=block_size,
        )
