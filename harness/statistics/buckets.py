"""The buckets of a latency histogram: 128 to an octave, so that none is wider than 1% of what it holds.

Values below 256 have buckets of their own. Above, a bucket is an octave's 128th part: its width is at most
1/128 = 0.78% of its lowest value. All of int64 is covered by 7,296 buckets, 57 KiB of counters.

Notes
-----
The bucket of a value of 128 and more is read off its float64 form: exponent and the top seven bits of the
fraction, side by side, are the bucket's number but for a constant. Up to 2**53 (104 days in ns) this is exact;
above, a value that rounds up to a bucket's edge counts in the next one. The layout is that of HdrHistogram [1]_.

References
----------
.. [1] G. Tene, HdrHistogram: a high dynamic range histogram, http://hdrhistogram.org.
"""

import numpy as np
from numpy.typing import NDArray

PART_BITS = 7
PARTS = 1 << PART_BITS
FRACTION_SHIFT = 52 - PART_BITS
EXPONENT_OFFSET = ((1023 + PART_BITS) << PART_BITS) - PARTS
BUCKETS = (62 - PART_BITS) * PARTS + 2 * PARTS
WIDEST_SHARE = 1 / PARTS

SMALLEST, LARGEST, EARLY = BUCKETS, BUCKETS + 1, BUCKETS + 2
"""Places behind the buckets: lowest and highest latency counted, and how many were below zero."""

COUNTERS = BUCKETS + 3


def bucket_of(values_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bucket of each value, which must not be below zero."""
    bits = values_ns.astype(np.float64).view(np.int64)
    buckets = np.where(values_ns < PARTS, values_ns, (bits >> FRACTION_SHIFT) - EXPONENT_OFFSET)
    return np.minimum(buckets, BUCKETS - 1)


def highest_of(bucket: NDArray[np.int64]) -> NDArray[np.int64]:
    """The highest value that counts in each bucket."""
    shift = np.maximum(bucket // PARTS - 1, 0)
    lowest = (bucket - shift * PARTS) << shift
    highest: NDArray[np.int64] = lowest + ((np.int64(1) << shift) - 1)
    return highest
