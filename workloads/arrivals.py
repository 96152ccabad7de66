"""When readings arrive, where that is not evenly spaced."""

import numpy as np
from numpy.typing import NDArray


def poisson(source: np.random.SFC64, count: int, offered_per_s: float) -> NDArray[np.int64]:
    """A Poisson process of `count` arrivals in ns, not decreasing, scaled to the mean rate `offered_per_s`.

    A process of known count in a known time is the running sum of exponential gaps, scaled to that time.
    """
    at = np.random.Generator(source).standard_exponential(count)
    return _scaled(at, offered_per_s)


def weighted(gaps: NDArray[np.float64], offered_per_s: float) -> NDArray[np.int64]:
    """Arrivals in ns whose gaps are in proportion to `gaps` (overwritten), at the mean rate `offered_per_s`."""
    return _scaled(gaps, offered_per_s)


def _scaled(gaps: NDArray[np.float64], offered_per_s: float) -> NDArray[np.int64]:
    if not len(gaps):
        return np.empty(0, np.int64)
    total = np.cumsum(gaps, out=gaps)[-1]
    gaps *= len(gaps) / offered_per_s * 1e9 / total
    return gaps.astype(np.int64)
