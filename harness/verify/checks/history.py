"""The retained readings: which, in which order, and with which values."""

import numpy as np
from numpy.typing import NDArray

from harness.verify.check import check
from harness.verify.evidence import Finding, Retained


@check(Retained)
def history_counted(retained: Retained) -> Finding | None:
    """History holds the newest `retain` accepted readings, or all where there are fewer."""
    expected, got = len(retained.places), len(retained.history)
    return None if got == expected else Finding(f"{expected} readings", f"{got} readings")


@check(Retained)
def history_ids_exact(retained: Retained) -> Finding | None:
    """History holds the accepted readings' sensor ids, oldest first."""
    return _compared("sensor_id", retained, retained.history.sensor_id, retained.readings.sensor_id)


@check(Retained)
def history_times_exact(retained: Retained) -> Finding | None:
    """History holds the accepted readings' times, oldest first."""
    return _compared("time", retained, retained.history.time, retained.readings.time)


@check(Retained)
def history_values_exact(retained: Retained) -> Finding | None:
    """History holds the values that were handed back, bit for bit."""
    got, given = retained.history.calibrated, retained.values
    if len(given) != len(retained.readings):
        return None  # what was handed back is short already: there is nothing to compare with
    return _compared("calibrated", retained, got.view(np.uint32), given.view(np.uint32), np.float32)


def _compared(
    name: str, retained: Retained, got: NDArray[np.generic], given: NDArray[np.generic], shown: type | None = None
) -> Finding | None:
    if len(got) != len(retained.places):
        return None
    expected = given[retained.places]
    wrong = np.flatnonzero(expected != got)
    if not len(wrong):
        return None
    index = int(wrong[0])
    first = slice(index, index + 1)
    pair = [array[first].view(shown)[0] if shown else array[index] for array in (expected, got)]
    more = f" ({len(wrong)} of {len(got)} differ)" if len(wrong) > 1 else ""
    return Finding(f"{name}[{index}] = {pair[0]!s}", f"{pair[1]!s}{more}", index=index)


CHECKS = (history_counted, history_ids_exact, history_times_exact, history_values_exact)
