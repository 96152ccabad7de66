"""Skewed: a few hot sensors speak most of the time."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings, Sensors, Size, Workload
from workloads.arrivals import poisson
from workloads.signals import ChooseRows, Rows, Signals, Words, bits, raw_words


class Skewed(Workload):
    """Zipf's law with exponent 1: the k-th busiest sensor speaks in proportion to 1/k, arrivals are Poisson.

    Kind to caches; hard on whatever partitions by sensor, for one part then does most of the work, and on
    accumulators that a run of readings of one sensor makes wait for each other.
    """

    version = 1

    def sensors(self, size: Size) -> Sensors:
        """The sensor table; the hot sensors lie anywhere in it."""
        return Signals("skewed", self.version, size.sensors).table

    def readings(self, size: Size) -> Iterator[Readings]:
        """The stream, batch by batch."""
        signals = Signals("skewed", self.version, size.sensors)
        order = raw_words(bits("skewed", self.version, "order"), signals.count)
        return signals.readings(size, zipf_rows(np.argsort(order, kind="stable")))

    def arrivals(self, size: Size, offered_per_s: float) -> NDArray[np.int64]:
        """Poisson arrivals."""
        return poisson(bits("skewed", self.version, "arrivals"), size.readings, offered_per_s)


def zipf_rows(order: Rows) -> ChooseRows:
    """Rows by Zipf's law, `order[0]` the most likely. O(1) a reading by Walker's alias method.

    References
    ----------
    .. [1] A. J. Walker, "An efficient method for generating discrete random variables with general
       distributions", ACM Transactions on Mathematical Software 3 (1977), with Vose's set-up in O(S).
    """
    threshold, alias = _alias_table(1.0 / np.arange(1, len(order) + 1))
    columns, bound = np.uint64(len(order)), np.uint64(32)

    def choose(words: Words, first: int) -> Rows:
        scaled = (words >> bound) * columns
        column = (scaled >> bound).view(np.int64)
        rest = scaled.astype(np.uint32)
        stays = rest < np.take(threshold, column, mode="clip")
        return np.take(order, np.where(stays, column, np.take(alias, column, mode="clip")), mode="clip")

    return choose


def _alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.uint32], Rows]:
    """For each column, below which 32-bit fraction it stays itself, and which other it is else."""
    count = len(weights)
    scaled = (weights * (count / np.cumsum(weights)[-1])).tolist()
    alias = list(range(count))
    threshold = np.full(count, 2**32 - 1, np.uint32)
    small = [index for index, weight in enumerate(scaled) if weight < 1]
    large = [index for index, weight in enumerate(scaled) if weight >= 1]
    while small and large:
        poor, rich = small.pop(), large[-1]
        threshold[poor] = int(scaled[poor] * 2.0**32)
        alias[poor] = rich
        scaled[rich] -= 1.0 - scaled[poor]
        if scaled[rich] < 1:
            small.append(large.pop())
    return threshold, np.array(alias, np.int64)
