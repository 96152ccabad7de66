"""From which of some measured sizes on one implementation is ahead of another: nothing between them is guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overtaking:
    """Where the second overtakes the first.

    Parameters
    ----------
    ahead_from : int or None
        The least size from which on it is ahead at every size measured; None if it is not ahead at the largest.
    not_ahead_at : int or None
        The largest size measured below that; None if it is ahead at all of them.
    """

    ahead_from: int | None
    not_ahead_at: int | None


def overtaking(first: Mapping[int, Sequence[float]], second: Mapping[int, Sequence[float]]) -> Overtaking:
    """Compare rates by size, several of each: ahead is who is faster in his slowest than the other in his fastest.

    Sizes that only one of them has are left out.

    >>> overtaking({1: [5, 6], 10: [6, 7], 100: [6, 7]}, {1: [1, 2], 10: [6, 9], 100: [8, 9]})
    Overtaking(ahead_from=100, not_ahead_at=10)
    """
    ahead_from = None
    for size in sorted(first.keys() & second.keys(), reverse=True):
        if not min(second[size]) > max(first[size]):
            return Overtaking(ahead_from, size)
        ahead_from = size
    return Overtaking(ahead_from, None)
