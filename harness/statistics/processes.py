"""Samples of several fresh processes: each process counts as one value, however many samples it gave."""

import math
from collections.abc import Sequence

import numpy as np

from harness.errors import MeasurementError
from harness.statistics.intervals import Interval, t_interval

_CONFIDENCE = 0.95


def process_logs(times: Sequence[Sequence[float]]) -> list[float]:
    """The median logarithm of the times of each process.

    Raises
    ------
    MeasurementError
        If a process has no time, or one is not a finite number above zero.

    Examples
    --------
    >>> [round(float(log), 4) for log in process_logs([[1.0, 1.0, 9.0], [math.e]])]
    [0.0, 1.0]
    """
    logs = []
    for of_one in times:
        array = np.asarray(of_one, np.float64)
        if not array.size or not (np.all(array > 0) and np.all(np.isfinite(array))):
            raise MeasurementError("a process without times above zero; expected at least one finite time of each")
        logs.append(float(np.median(np.log(array))))
    return logs


def per_second(times_ns: Sequence[Sequence[float]], confidence: float = _CONFIDENCE) -> Interval:
    """How many of what takes `times_ns` go into a second, over at least two fresh processes.

    The estimate is the geometric mean over the processes of each one's median; the interval is Student's, over the
    logarithms of these medians. Both come from the same values, so that the estimate always lies inside.

    Notes
    -----
    Samples of one process share its layout of memory, its hash seed and its core's moment: they are alike, and more of
    them make a process better known, not the implementation. Intervals over pooled samples held the truth in 60 to 87
    of 100 cases instead of 95, the fewer the more samples a process gave; over processes they hold it [1]_.

    References
    ----------
    .. [1] T. Kalibera, R. Jones, Rigorous benchmarking in reasonable time, ISMM 2013, 63-74.

    Examples
    --------
    >>> found = per_second([[10.0, 10.0], [20.0, 20.0], [40.0, 40.0]])
    >>> round(found.estimate), found.low < 2.5e7 < found.high
    (50000000, True)
    """
    found = t_interval(process_logs(times_ns), confidence)
    estimate, low, high = (1e9 * math.exp(-log) for log in (found.estimate, found.high, found.low))
    return Interval(estimate, low, high, confidence)
