"""GPU: the whole job on a CUDA device, kernels written in Python (numba.cuda)."""

from contextlib import ExitStack
from typing import Annotated, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import IntRange, LogRange
from implementations.parts.cuda_driver import missing_device
from implementations.parts.device import Columns, Device, Job, Piece
from implementations.parts.device_pass import DevicePass


class GpuNumba(DevicePass):
    """Three kernels a piece, written in Python; copies and kernels overlap.

    Time O(1) a reading; device memory 32 bytes a sensor and as many to twice as many for its slots, 16 a retained
    reading, 20 for each reading of a piece and slot.

    Parameters
    ----------
    piece_readings
        Most readings that go to the device together; larger batches are cut up.
    slots
        Pieces under way at once: 3 keep the link busy in both directions while the kernels run.

    Notes
    -----
    A launch through Numba costs the host time, and there are three a piece: small batches are bound by that. Values
    lag one batch behind; float64 sums are atomic, so that their last bits depend on scheduling.
    """

    def __init__(
        self,
        piece_readings: Annotated[int, LogRange(16, 1 << 26)] = 1 << 21,
        slots: Annotated[int, IntRange(1, 8)] = 3,
    ) -> None:
        super().__init__(piece_readings, slots)

    @classmethod
    def unavailable(cls) -> str | None:
        """A driver, a device of compute capability 7.0 and numba.cuda are needed; from 10.0 on, that for CUDA 13."""
        return missing_device("numba_cuda")

    def _open(self) -> Device:
        return _NumbaDevice(self._most)


class _NumbaDevice:
    """The device as numba.cuda reaches it; copies go by its driver, as an array's own take the host much longer."""

    def __init__(self, most: int) -> None:
        from numba import cuda
        from numba.cuda.cudadrv import driver

        from implementations.kernels import cuda_kernels

        self._cuda, self._driver, self._kernels = cuda, driver, cuda_kernels
        self._taken_bytes = 0
        self._accepted = self.array(-(-most // cuda_kernels.THREADS), np.int64)
        self._flat: tuple[Job, tuple[Any, ...]] | None = None
        self._pins = ExitStack()

    def array(self, count: int, dtype: DTypeLike) -> Any:
        given = np.dtype(dtype)
        self._taken_bytes += count * given.itemsize
        if given.kind == "V":
            return self._cuda.device_array(count * given.itemsize // 8, np.uint64)
        return self._cuda.device_array(count, given)

    def pinned(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        given = np.dtype(dtype)
        found: NDArray[Any] = self._cuda.pinned_array(count * given.itemsize, np.uint8).view(given)
        return found

    def register(self, array: NDArray[Any]) -> None:
        self._pins.enter_context(self._cuda.pinned(array))

    def put(self, target: Any, source: NDArray[Any], stream: Any) -> None:
        self._driver.host_to_device(target, source, source.nbytes, stream=stream)

    def get(self, target: NDArray[Any], source: Any, stream: Any) -> None:
        self._driver.device_to_host(target, source, target.nbytes, stream=stream)

    def copy(self, target: Any, source: Any, stream: Any) -> None:
        self._driver.device_to_device(target, source, source.nbytes, stream=stream)

    def stream(self) -> Any:
        return self._cuda.stream()

    def event(self) -> Any:
        return self._cuda.event()

    def record(self, event: Any, stream: Any) -> None:
        event.record(stream)

    def hold(self, stream: Any, event: Any) -> None:
        event.wait(stream)

    def wait(self, event: Any) -> None:
        event.synchronize()

    def seconds(self, begin: Any, end: Any) -> float:
        return float(begin.elapsed_time(end)) / 1e3

    def compute(self, job: Job, columns: Columns, calibrated: Any, piece: Piece, stream: Any) -> None:
        kernels, threads, image = self._kernels, self._kernels.THREADS, job.image
        ids, times, values = columns
        blocks, turn = max(-(-piece.length // threads), 1), piece.turn % 2
        slots, calibrations, sums, halves = self._views(job)
        kernels.work[blocks, threads, stream](
            ids, values, piece.length, piece.number, slots, calibrations, np.uint64(image.multiplier),
            np.uint64(image.shift), np.uint64(image.mask), job.sensors, calibrated, self._accepted, job.counters,
            sums, job.state, halves,
        )  # fmt: skip
        kernels.rank[1, threads, stream](self._accepted, blocks, job.counters, turn)
        if job.room:
            kernels.retain[blocks, threads, stream](
                ids, times, calibrated, piece.length, self._accepted, job.counters, turn, job.room, *job.ring
            )

    def synchronize(self) -> None:
        self._cuda.synchronize()

    def used_bytes(self) -> int:
        return self._taken_bytes  # Numba has no pool to ask

    def close(self) -> None:
        self._pins.close()

    def _views(self, job: Job) -> tuple[Any, ...]:
        """Table and state as flat arrays of one type each; kept, since making them costs more than a launch."""
        if self._flat is None or self._flat[0] is not job:
            table, state = job.table, job.state
            views = (table.view(np.uint32), table.view(np.float32), state.view(np.float64), state.view(np.int32))
            self._flat = job, views
        return self._flat[1]
