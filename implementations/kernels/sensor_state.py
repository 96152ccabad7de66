"""How the state of one sensor lies in memory. The only module here without Numba: parts read it when imported."""

import numpy as np

STATE_DTYPE = np.dtype(
    [("sum", "f8"), ("count", "i8"), ("minimum", "f4"), ("maximum", "f4"), ("last", "f4"), ("_", "f4")]
)
"""The state of one sensor as 32 bytes: half a cache line, so that a reading touches one line."""
