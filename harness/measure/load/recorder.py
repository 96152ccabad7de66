"""What an open loop leaves behind: latencies by slice of time, and the backlog over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.errors import ContractError
from harness.measure.load.schedule import Schedule
from harness.statistics.histogram import Histogram

SLICE_S = 0.1
_MOST_SLICES = 300
SAMPLES = 200
_NONE = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines over time, seconds from the first arrival.

    Parameters
    ----------
    slice_s : float64[s]
        End of each slice; `p99_ns` and `max_ns` : int64[s] are of the readings handed back in it, -1 without any.
    sample_s : float64[k]
        When the backlog was looked at; `backlog` : int64[k] is arrived minus handed back, `held` : int64[k] is that
        part of it that had not even been handed over, `lowest` : int64[k] the smallest backlog since the moment before.
    """

    slice_s: NDArray[np.float64]
    p99_ns: NDArray[np.int64]
    max_ns: NDArray[np.int64]
    sample_s: NDArray[np.float64]
    backlog: NDArray[np.int64]
    held: NDArray[np.int64]
    lowest: NDArray[np.int64]


class Recorder:
    """Counts what was handed back, when, and how long each reading had been on its way.

    Times are ns from the start of the schedule.

    Attributes
    ----------
    done : int
        Readings handed back so far.
    longest_gap_ns : int
        The longest time between two hand-backs while a reading waited: the service's period, if it has one.
    """

    def __init__(self, schedule: Schedule, seconds: float) -> None:
        self.done = 0
        self.longest_gap_ns = 0
        self._given = 0
        self._back_ns = 0
        self._schedule = schedule
        self._arrived_by = schedule.counter()
        self._slice_ns = int(max(SLICE_S, seconds / _MOST_SLICES) * 1e9)
        slices = int(seconds * 1e9) // self._slice_ns + 1
        self._slices = [Histogram() for _ in range(slices + 1)]
        self._sample_ns = np.linspace(0, seconds * 1e9, SAMPLES + 1)[1:].astype(np.int64)
        self._done_at, self._given_at = np.zeros(SAMPLES, np.int64), np.zeros(SAMPLES, np.int64)
        self._lowest_at = np.full(SAMPLES, _NONE, np.int64)
        self._lowest = _NONE
        self._next_sample = 0
        self._next_sample_ns = int(self._sample_ns[0])

    def handed_back(self, count: int, given: int, elapsed_ns: int) -> None:
        """`count` more values came at `elapsed_ns`, of `given` readings so far.

        Raises
        ------
        ContractError
            If more came back than was given.
        """
        if elapsed_ns > self._next_sample_ns:
            self._sample(elapsed_ns)
        self._given = given
        if not count:
            return
        first = self.done
        self.done = first + count
        if self.done > given:
            raise ContractError(f"handed back {self.done} values of {given} readings")
        if elapsed_ns - self._back_ns > self.longest_gap_ns:
            since_ns = max(self._back_ns, self._schedule.arrival_ns(first))
            self.longest_gap_ns = max(self.longest_gap_ns, elapsed_ns - since_ns)
        self._back_ns = elapsed_ns
        if given - self.done < self._lowest:  # never less than that waits
            self._lowest = min(self._lowest, self.waiting(elapsed_ns))
        histogram = self._slices[min(elapsed_ns // self._slice_ns, len(self._slices) - 1)]
        for shift_ns, arrivals_ns in self._schedule.pieces(first, self.done):
            histogram.record_sorted(arrivals_ns, elapsed_ns - shift_ns)

    def waiting(self, elapsed_ns: int) -> int:
        """How many readings have arrived by then and not come back."""
        return self._arrived_by(elapsed_ns) - self.done

    def end_lines(self, elapsed_ns: int) -> None:
        """End the lines over time: what comes back from now on is flushed out, which says nothing of the load.

        They end with the stretch, or now if not all of it has arrived.
        """
        if self._next_sample_ns == _NONE:
            return
        end_ns = int(self._sample_ns[-1])
        if elapsed_ns < end_ns and self._arrived_by(elapsed_ns) < self._schedule.total:
            self._sample(elapsed_ns)
            self._sample_ns[self._next_sample] = end_ns = elapsed_ns
        self._sample(end_ns + 1)
        self._next_sample_ns = _NONE

    def close(self, elapsed_ns: int) -> int:
        """End at `elapsed_ns`: what arrived and never came back counts with what it has waited by then.

        Returns how many those are. What was still to arrive counts nowhere.
        """
        self.end_lines(elapsed_ns)
        missing = max(0, self.waiting(elapsed_ns))
        self.handed_back(missing, self.done + missing, elapsed_ns)
        return missing

    def histogram(self) -> Histogram:
        """All latencies."""
        return Histogram.merged(self._slices)

    def lines(self) -> Lines:
        """Latency and backlog over time."""
        looked = slice(self._next_sample)
        sample_ns = self._sample_ns[looked]
        arrived = np.array([self._arrived_by(int(moment_ns)) for moment_ns in sample_ns], np.int64)
        backlog = arrived - self._done_at[looked]
        tails = [-1 if tail is None else tail for tail in (one.percentile(99) for one in self._slices)]
        most = [-1 if one.max_ns is None else one.max_ns for one in self._slices]
        ends_s = np.arange(1, len(self._slices) + 1, dtype=np.float64) * (self._slice_ns / 1e9)
        return Lines(
            ends_s,
            np.array(tails, np.int64),
            np.array(most, np.int64),
            sample_ns / 1e9,
            backlog,
            arrived - self._given_at[looked],
            np.minimum(backlog, self._lowest_at[looked]),
        )

    def _sample(self, elapsed_ns: int) -> None:
        """Note for every moment of sampling before `elapsed_ns` that nothing has come back since."""
        while self._next_sample < SAMPLES and self._sample_ns[self._next_sample] < elapsed_ns:
            self._done_at[self._next_sample] = self.done
            self._given_at[self._next_sample] = self._given
            self._lowest_at[self._next_sample], self._lowest = self._lowest, _NONE
            self._next_sample += 1
        self._next_sample_ns = int(self._sample_ns[self._next_sample]) if self._next_sample < SAMPLES else _NONE
