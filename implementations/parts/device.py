"""What a pass over the readings needs of a device, whichever library reaches it."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from implementations.parts.device_layout import COUNTERS, STATE_DTYPE, TableImage, fresh_state

Columns = tuple[Any, ...]
"""Ids, times and values: of readings on the host or on the device, or of the history."""
COLUMN_DTYPES: tuple[type[np.generic], ...] = (np.uint32, np.int64, np.float32)


class Device(Protocol):
    """Memory, copies, streams, events and the kernels. Arrays, streams and events are the library's own."""

    def array(self, count: int, dtype: DTypeLike) -> Any:
        """Device memory for `count` items, one at least."""

    def pinned(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """Page-locked host memory."""

    def register(self, array: NDArray[Any]) -> None:
        """Page-lock host memory that is there already, until `close`."""

    def put(self, target: Any, source: NDArray[Any], stream: Any) -> None:
        """Copy `source`, which has to last until then, from the host to the front of `target`, in turn on `stream`."""

    def get(self, target: NDArray[Any], source: Any, stream: Any) -> None:
        """Fill `target` on the host from the front of `source`, in turn on `stream`."""

    def copy(self, target: Any, source: Any, stream: Any) -> None:
        """Copy all of `source` to `target`, both on the device, in turn on `stream`."""

    def stream(self) -> Any:
        """A queue of work that runs beside those of other streams."""

    def event(self) -> Any:
        """A mark that can be set in a stream and be waited for."""

    def record(self, event: Any, stream: Any) -> None:
        """Set the mark when all that is queued on `stream` by now is done."""

    def hold(self, stream: Any, event: Any) -> None:
        """Let what is queued on `stream` from now on wait for the mark."""

    def wait(self, event: Any) -> None:
        """Wait for the mark here, on the host; at once if it was never set."""

    def seconds(self, begin: Any, end: Any) -> float:
        """What passed between two marks that were reached, by the device's clock."""

    def compute(self, job: "Job", columns: Columns, calibrated: Any, piece: "Piece", stream: Any) -> None:
        """Queue the kernels: do the whole job for one piece on the device."""

    def synchronize(self) -> None:
        """Wait until the whole device is idle."""

    def used_bytes(self) -> int:
        """Device memory taken."""

    def close(self) -> None:
        """Let go of everything, also of a device that was lost."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Which readings a launch works on.

    Parameters
    ----------
    length : int
    number : int
        Of its first reading in the window, from 1.
    turn : int
        Pieces since the start: tells which of the two counters of accepted readings is the one before it.
    """

    length: int
    number: int
    turn: int


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What lies on the device from start to stop.

    Parameters
    ----------
    table : array of SLOT_DTYPE
    state, fresh : array of STATE_DTYPE[max(S, 1)]
        Of the open window, and of one without readings.
    counters : array of uint64[4]
    ring : columns
        The newest readings; accepted reading number i, from 0, lies at place i mod room.
    room : int
        Places of the ring: as many as are retained, and as a piece may have, so that no two readings of a piece want
        the same; 0 where none are retained.
    """

    sensors: int
    image: TableImage
    table: Any
    state: Any
    fresh: Any
    counters: Any
    ring: Columns
    room: int

    @classmethod
    def on(cls, device: Device, image: TableImage, sensors: int, retain: int, most: int) -> "Job":
        """Lay everything out for pieces of at most `most` readings."""
        stream = device.stream()
        fresh, none_yet = fresh_state(sensors), np.zeros(COUNTERS, np.uint64)
        room = max(retain, most) if retain else 0
        job = cls(
            sensors,
            image,
            device.array(len(image.slots), image.slots.dtype),
            device.array(len(fresh), STATE_DTYPE),
            device.array(len(fresh), STATE_DTYPE),
            device.array(COUNTERS, np.uint64),
            tuple(device.array(max(room, 1), dtype) for dtype in COLUMN_DTYPES),
            room,
        )
        device.put(job.table, image.slots, stream)
        device.put(job.state, fresh, stream)
        device.put(job.fresh, fresh, stream)
        device.put(job.counters, none_yet, stream)
        device.synchronize()
        return job
