"""GPU: the whole job in one kernel of CUDA C, reached through CuPy."""

from implementations.parts.device_cupy import CupyPass


class GpuCupy(CupyPass):
    """One kernel does all five steps in one pass over the readings; copies and kernels overlap.

    Time O(1) a reading; device memory 32 bytes a sensor and as many to twice as many for its slots, 16 a retained
    reading, 20 for each reading of a piece and slot.

    Parameters
    ----------
    piece_readings
        Most readings that go to the device together; larger batches are cut up.
    slots
        Pieces under way at once: 3 keep the link busy in both directions while the kernel runs.
    combine
        Whether readings of one sensor that meet in a warp become one update: spares hot sensors, costs all others a
        little.

    Notes
    -----
    The kernel is one launch a piece: a reading is read once and its sensor's slot and state once (32 bytes each, from
    the second-level cache up to about a million sensors). What orders the history, how many readings were accepted
    before, is passed from block to block while they run [1]_. Values lag one batch behind; float64 sums are atomic,
    so that their last bits depend on scheduling.

    References
    ----------
    .. [1] D. Merrill and M. Garland, Single-pass Parallel Prefix Scan with Decoupled Look-back, NVR-2016-002.
    """
