"""What each kind of part must offer.

Rows travel between the parts as ``intp[n]``: the position of a reading's sensor in the table, or S (the number
of sensors, the *reject row*) for a reading that is rejected. Tables and states may keep an entry S + 1 for it,
so that no loop needs a branch for the rejected.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import Floats, History, Sensors, Statistics

Rows = NDArray[np.intp]
Facts = Mapping[str, float | int | str]


class Memory(Protocol):
    """Where arrays come from. The order of calls: start, keep..., then any of lend, reclaim, close_window, stop."""

    def start(self, sensors: int, retain: int) -> None:
        """Begin afresh, for a table of `sensors` rows and `retain` readings."""

    def keep(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """An uninitialized array of `count` items that lives until `stop`."""

    def lend(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """An uninitialized array of `count` items that lives until the next `reclaim`."""

    def reclaim(self) -> None:
        """Take back everything lent; called when a new call begins."""

    def close_window(self) -> None:
        """The window is over; called right after a `reclaim`."""

    def stop(self) -> None:
        """Give everything up."""

    def facts(self) -> Facts:
        """What it has to tell about itself."""


class Lookup(Protocol):
    """Finds the row of each reading's sensor."""

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Build the index."""

    def rows(self, sensor_id: NDArray[np.uint32], rows: Rows) -> None:
        """Fill `rows` (intp[n]) with the row of each id, S where there is none."""

    def stop(self) -> None:
        """Drop the index."""

    def facts(self) -> Facts:
        """What it has to tell about itself."""


class Calibration(Protocol):
    """Checks and calibrates: the only place that knows which readings are rejected."""

    def start(self, sensors: Sensors, memory: Memory) -> None:
        """Take over gains and offsets."""

    def apply(self, rows: Rows, value: Floats, calibrated: Floats, memory: Memory) -> tuple[int, int]:
        """Fill `calibrated`, NaN for a rejected reading, whose entry in `rows` becomes S.

        Returns how many were unmatched and how many invalid; never both for one reading.
        """

    def stop(self) -> None:
        """Drop the tables."""


class Aggregation(Protocol):
    """Keeps the statistics of the open window."""

    def start(self, sensors: int, memory: Memory) -> None:
        """Open the first window of `sensors` rows."""

    def add(self, rows: Rows, calibrated: Floats, memory: Memory) -> None:
        """Add a batch; entries with the reject row are left out."""

    def close(self, unmatched: int, invalid: int, memory: Memory) -> Statistics:
        """Return the statistics, valid until the next call, and open the next window."""

    def stop(self) -> None:
        """Drop the state."""


class Retention(Protocol):
    """Keeps the newest accepted readings."""

    def start(self, sensors: Sensors, retain: int, memory: Memory) -> None:
        """Make room for `retain` readings; 0 is legal."""

    def append(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], rows: Rows, calibrated: Floats) -> None:
        """Keep those readings of a batch whose row is not the reject row."""

    def snapshot(self) -> History:
        """Copy out the newest `retain` readings, oldest first."""

    def stop(self) -> None:
        """Drop everything retained."""

    def facts(self) -> Facts:
        """What it has to tell about itself."""
