"""What the machine did from round to round, told apart from what is compared: a randomized block design."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def round_effects(costs: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """By how much each round was slower than the mean round, as a logarithm.

    The logarithm of a cost is taken as that of its row plus that of its round [1]_. Rows that lack a round, those that
    ended before the others, are left out.

    Parameters
    ----------
    costs : sequence of sequences of float
        One row for each thing that was measured once a round, of any unit of its own, above zero.

    Returns
    -------
    float64[rounds]
        With mean 0.

    Examples
    --------
    >>> np.exp(round_effects([[1.0, 4.0], [10.0, 40.0], [7.0]])).round(6).tolist()
    [0.5, 2.0]

    References
    ----------
    .. [1] G. E. P. Box, J. S. Hunter, W. G. Hunter, Statistics for Experimenters, 2nd edition, Wiley 2005, chapter 4.
    """
    rounds = max(map(len, costs), default=0)
    if not rounds:
        return np.zeros(0)
    effects = np.log([row for row in costs if len(row) == rounds]).mean(axis=0)
    return np.asarray(effects - effects.mean())
