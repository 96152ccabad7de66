"""A histogram's tail as a line: which share of all readings waited longer than so long."""

import numpy as np
from numpy.typing import NDArray

from harness.statistics.histogram import Histogram

_POINTS_A_DECADE = 12


def tail_of(histogram: Histogram) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Shares, falling from 1 to that of a single reading, and the latency in ns which that share exceeds at most.

    Evenly spaced on a log axis, so that the one reading in a million has as much room as the half.
    """
    count = histogram.count
    if not count:
        return np.empty(0), np.empty(0, np.int64)
    decades = np.log10(count)
    share = np.unique(np.append(10.0 ** -np.linspace(0, decades, int(decades * _POINTS_A_DECADE) + 2), 0.5))[::-1]
    highest_ns, above = histogram.above()
    place = np.searchsorted(-above, -np.floor(share * count), side="left")
    most_ns = histogram.max_ns or 0
    return share, np.minimum(highest_ns[np.minimum(place, len(highest_ns) - 1)], most_ns)
