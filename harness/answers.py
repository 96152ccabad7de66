"""What a latency under one load says of another load: one for decisions, and for what is left to measure."""

from harness.results import Latency

SAME_WITHIN = 0.05
"""A load that is as near as this to another counts as the same."""

CERTAIN_REPETITIONS = 6
"""From so many on, all repetitions together are an interval of the median: with k of them its confidence is
1 - 2 ** (1 - k), whatever the distribution, which is 0.969 for six and 0.938 for five."""


def same_load(latency: Latency, per_s: float) -> bool:
    """Whether it was measured at `per_s`, to `SAME_WITHIN`."""
    return abs(latency.offered_per_s - per_s) <= SAME_WITHIN * per_s


def answers(latency: Latency, per_s: float, p99_s: float | None) -> bool:
    """Whether `latency` tells if p99 is within `p99_s` at `per_s`; without a limit the figure itself is wanted.

    At the same load it does. At a heavier one it is an upper bound, which tells only that the limit is met: that it
    fell behind there, or took too long, says nothing of a lighter load. At a lighter one the bound is a lower one, and
    tells only that what fell behind falls behind. Too long at a lighter load is no answer either, because what waits
    for a batch to fill waits longer there.

    >>> behind = Latency(1e6, 0.5, 0.9, None, 1.1, kept_up=False)
    >>> [answers(behind, per_s, 0.1) for per_s in (1e4, 1.02e6, 2e6)]
    [False, True, True]
    """
    if not latency.valid or latency.p99_s is None:
        return False
    if same_load(latency, per_s):
        return True
    if latency.offered_per_s < per_s:
        return not latency.kept_up
    return latency.kept_up and p99_s is not None and latency.p99_s <= p99_s
