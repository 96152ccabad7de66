"""When readings are meant to arrive: fixed before anything is measured, whatever the implementation does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Size, Workload
from harness.errors import MeasurementError

MOST_READINGS = 1 << 33


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Intended arrivals of `total` readings, ns from the start: one pass over the stream after another.

    Parameters
    ----------
    base_ns : int64[n]
        Arrivals of one pass, not decreasing; the pass is cut short where `total` is less than n.
    period_ns : int
        How much later each pass begins than the one before.
    """

    base_ns: NDArray[np.int64]
    period_ns: int
    total: int

    def __post_init__(self) -> None:
        if not len(self.base_ns) or self.period_ns < max(1, int(self.base_ns[-1])) or self.total < 1:
            raise MeasurementError(
                f"a schedule of {self.total} readings, {len(self.base_ns)} a pass of {self.period_ns} ns; "
                "expected one reading at least, each within its pass"
            )

    @property
    def end_ns(self) -> int:
        """When the last reading arrives."""
        return self.arrival_ns(self.total - 1)

    def arrival_ns(self, position: int) -> int:
        """When the reading at `position` is to arrive."""
        passes, within = divmod(position, len(self.base_ns))
        return passes * self.period_ns + int(self.base_ns[within])

    def most_within(self, span_ns: int) -> int:
        """Readings that arrive within any span of so many ns, at most."""
        passes, rest_ns = divmod(span_ns, self.period_ns)
        twice_ns = np.concatenate((self.base_ns, self.base_ns + self.period_ns))
        counts = np.searchsorted(twice_ns, self.base_ns + rest_ns, side="right") - np.arange(len(self.base_ns))
        return min(self.total, passes * len(self.base_ns) + int(counts.max()))

    def counter(self) -> Callable[[int], int]:
        """A function that says how many readings were to arrive by a moment, ns from the start."""
        from harness.measure.load.kernels import arrived_by

        base_ns, period_ns, total = self.base_ns, self.period_ns, self.total
        arrived_by(base_ns, period_ns, total, 0)  # compiles
        return lambda elapsed_ns: arrived_by(base_ns, period_ns, total, elapsed_ns)

    def pieces(self, first: int, end: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Arrivals of the readings from `first` to `end`, a pass at a time: what to add to them, and they."""
        length = len(self.base_ns)
        while first < end:
            passes, within = divmod(first, length)
            stop = min(length, within + end - first)
            yield passes * self.period_ns, self.base_ns[within:stop]
            first += stop - within

    def as_request(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """As values and arrays of a message."""
        return {"period_ns": self.period_ns, "total": self.total}, {"base_ns": self.base_ns}


def schedule_of(workload: Workload, size: Size, offered_per_s: float, seconds: float) -> Schedule:
    """The arrivals of `workload` at a mean rate of `offered_per_s` for `seconds`.

    Raises
    ------
    MeasurementError
        If that is less than one reading, or more than can be counted.
    """
    total = int(offered_per_s * seconds)
    if not 1 <= total <= MOST_READINGS:
        raise MeasurementError(
            f"{offered_per_s:g} readings/s for {seconds:g} s are {total} readings; "
            f"expected 1 to {MOST_READINGS}: change the rate or the seconds"
        )
    base_ns = workload.arrivals(size, offered_per_s)[:total]
    period_ns = max(round(size.readings / offered_per_s * 1e9), int(base_ns[-1]), 1)
    return Schedule(base_ns, period_ns, total)
