"""Bit-packed: the retained readings in about half the bytes of the plain arrays."""

from typing import Annotated

from harness.contract import Approach, LogRange
from implementations.parts import Composed, aggregation, calibration, history, lookup, memory


class BitPacked(Composed):
    """The history packed block by block to the bits that its rows, times and values need; lossless.

    Time O(1) a reading; memory 5 to 8 bytes a retained reading where times have an order, 100 a sensor.

    Parameters
    ----------
    block_size
        Readings packed together; larger spreads the header over more readings, smaller follows the data closer.

    Notes
    -----
    A block keeps its smallest row, time step and value, and of each reading only what exceeds them (frame of
    reference [1]_); steps are counted in their greatest common divisor, so that whole seconds cost no more than
    nanoseconds. Times without order fall back to offsets or to 64 bits, block by block; `facts` says how often.
    Packing costs some nanoseconds a reading: it pays where memory is what is short.

    References
    ----------
    .. [1] J. Goldstein, R. Ramakrishnan, U. Shaft: Compressing relations and indexes. ICDE 1998.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> bit_packed = BitPacked()
    >>> bit_packed.start(sensors, retain=2)
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> bit_packed.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    >>> bit_packed.history().calibrated.tolist()
    [2.5, 8.0]
    """

    approach = Approach.ALGORITHM

    def __init__(self, block_size: Annotated[int, LogRange(64, 65536)] = 512) -> None:
        super().__init__(
            lookup.Hashed(),
            aggregation.Arrays(),
            history.Packed(block_size),
            calibration=calibration.Compiled(),
            memory=memory.Reused(),
            block_size=8192,
        )
