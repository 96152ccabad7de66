"""Append to a ring of three arrays."""

from numba import float32, int64, intp, njit, uint32

from implementations.kernels.signatures import given, own


@njit(
    [
        int64(
            given(uint32),
            given(int64),
            own(intp),
            own(float32),
            intp,
            own(uint32),
            own(int64),
            own(float32),
            int64,
        )
    ],
    cache=True,
)
def append(  # type: ignore[no-untyped-def]
    sensor_id, time, rows, calibrated, reject_row, ring_sensor_id, ring_time, ring_calibrated, written
):
    """Write the accepted readings and return how many have been written in all; the ring must not be empty."""
    retain = len(ring_time)
    place = written % retain
    for position in range(len(rows)):
        if rows[position] == reject_row:
            continue
        ring_sensor_id[place] = sensor_id[position]
        ring_time[place] = time[position]
        ring_calibrated[place] = calibrated[position]
        written += 1
        place += 1
        if place == retain:
            place = 0
    return written
