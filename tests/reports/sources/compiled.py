"""As `plain`, with a package and more lines."""

import numba
import numpy as np


def scale(values: list[float]) -> object:
    """Stand for an implementation with a package."""
    compiled = numba.njit(np.sqrt)
    found = list(map(compiled, values))
    found.reverse()
    return found
