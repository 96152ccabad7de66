"""The contract of a workload: sensors, a stream of readings, and when they arrive."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.contract.data import Readings, Sensors


@dataclass(frozen=True, slots=True)
class Size:
    """How large a stream is. Counts of readings, sensors, readings a batch, retained readings, windows."""

    name: str
    readings: int
    sensors: int
    batch: int
    retain: int
    windows: int = 10


STANDARD_SIZES: dict[str, Size] = {
    size.name: size
    for size in (
        Size("tiny", 2_000, 50, 250, 500),
        Size("small", 200_000, 1_000, 10_000, 100_000),
        Size("medium", 5_000_000, 10_000, 100_000, 1_000_000),
        Size("large", 50_000_000, 100_000, 100_000, 10_000_000),
    )
}
"""The sizes that every generated workload comes in, smallest first."""


class Workload(ABC):
    """One kind of stream. Pure and seeded: the same version and size give the same bytes everywhere."""

    version: ClassVar[int] = 1
    """Any change of data is a new version."""

    repeats: bool = False
    """Whether the content is a recording (tiled or passed over repeatedly)."""

    def size(self, name: str) -> Size:
        """The size called `name` as this workload has it; by default the standard one."""
        return STANDARD_SIZES[name]

    @abstractmethod
    def sensors(self, size: Size) -> Sensors:
        """The sensor table."""

    @abstractmethod
    def readings(self, size: Size) -> Iterator[Readings]:
        """The stream, batch by batch; the batches may share one buffer that is overwritten."""

    def arrivals(self, size: Size, offered_per_s: float) -> NDArray[np.int64]:
        """Intended arrival of each reading of one pass, ns from the start: int64[size.readings], not decreasing.

        Their mean rate is `offered_per_s`. By default evenly spaced.
        """
        return (np.arange(size.readings, dtype=np.float64) * (1e9 / offered_per_s)).astype(np.int64)

    def notes(self, size: Size) -> tuple[str, ...]:
        """What a reader of the results must know: tiled, departs from the standard size, and so on."""
        return ()

    @classmethod
    def unavailable(cls) -> str | None:
        """Why it cannot be had here and what would mend that, in one line; None if it can."""
        return None
