"""GPU on host: `gpu_cupy` with its own kernel compiled for the host, on streams that keep just the promised order."""

import ctypes
import os
import random
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import Choice, IntRange, LogRange
from implementations.kernels.cuda_source import tiles
from implementations.parts import device_bandwidth
from implementations.parts.device import Columns, Device, Job, Piece
from implementations.parts.device_cupy import arguments
from implementations.processors.gpu_cupy import GpuCupy

LIBRARY = "SENSORBENCH_CUDA_ON_HOST"
THREADS = 64
FAULTS = ("CUDA_ERROR_OUT_OF_MEMORY", "cudaErrorDevicesUnavailable", "cudaErrorInsufficientDriver")
_RUBBISH = 0xA5
_COPIES_BEFORE_A_FAULT = 40


class OnHost:
    """What the host says in the place of a device."""

    _device: Device

    @classmethod
    def unavailable(cls) -> str | None:
        return None if LIBRARY in os.environ else f"{LIBRARY} names no library; let the tests build it"

    def bandwidths(self) -> Mapping[str, float]:
        return device_bandwidth.measure(self._device, 1 << 16)


class GpuCupyOnHost(OnHost, GpuCupy):
    """The same processor but for the device."""

    def __init__(
        self,
        piece_readings: Annotated[int, LogRange(16, 1 << 26)] = 300,
        slots: Annotated[int, IntRange(1, 8)] = 3,
        combine: Annotated[bool, Choice(False, True)] = True,
        fault: Annotated[str, Choice("", *FAULTS)] = "",
    ) -> None:
        super().__init__(piece_readings, slots, combine)
        self._fault = fault

    def _open(self) -> Device:
        return LazyDevice(Path(os.environ[LIBRARY]), self._most, self._fault)


@dataclass(slots=True)
class _Event:
    """A mark: how often it was recorded, and how often it was reached."""

    recorded: int = 0
    reached: int = 0


@dataclass(slots=True)
class _Stream:
    """What is queued: each entry is tried until it says that it is done."""

    queue: deque[Callable[[], bool]] = field(default_factory=deque)


class LazyDevice:
    """Does what is queued as late and in as wild an order as streams and events allow.

    Nothing runs before the host waits for something, but for a few steps by chance; which stream goes on is drawn.
    Copies read and write when they run, memory begins as rubbish: whoever reuses a buffer too early is found out.
    """

    def __init__(self, library: Path, most: int, fault: str = "") -> None:
        self._fault, self._copies = fault, 0
        self._run = ctypes.CDLL(str(library)).run_whole_pass
        self._random = random.Random(most)
        self._streams: list[_Stream] = []
        self.registered: list[NDArray[Any]] = []
        self._taken_bytes = 0
        self._between_blocks = (np.zeros(1, np.uint32), np.zeros(tiles(most, THREADS), np.uint64))

    def array(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        memory = np.full(count * np.dtype(dtype).itemsize, _RUBBISH, np.uint8)
        self._taken_bytes += memory.nbytes
        return memory.view(dtype)

    def pinned(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        return np.full(count * np.dtype(dtype).itemsize, _RUBBISH, np.uint8).view(dtype)

    def register(self, array: NDArray[Any]) -> None:
        self.registered.append(array)

    def put(self, target: Any, source: NDArray[Any], stream: Any) -> None:
        self._copies += 1
        if self._fault and self._copies > _COPIES_BEFORE_A_FAULT:
            raise RuntimeError(f"[999] Call to a function of the driver results in {self._fault}")
        read = _lent(source)
        count = len(source)
        self._queue(stream, lambda: np.copyto(target[:count], read()))

    def get(self, target: NDArray[Any], source: Any, stream: Any) -> None:
        written = _lent(target)
        count = len(target)
        self._queue(stream, lambda: np.copyto(written(), source[:count]))

    def copy(self, target: Any, source: Any, stream: Any) -> None:
        self._queue(stream, lambda: np.copyto(target, source))

    def stream(self) -> Any:
        self._streams.append(_Stream())
        return self._streams[-1]

    def event(self) -> Any:
        return _Event()

    def record(self, event: Any, stream: Any) -> None:
        event.recorded += 1
        this = event.recorded

        def reach() -> None:
            event.reached = max(event.reached, this)

        self._queue(stream, reach)

    def hold(self, stream: Any, event: Any) -> None:
        awaited = event.recorded
        stream.queue.append(lambda: event.reached >= awaited)

    def wait(self, event: Any) -> None:
        awaited = event.recorded
        while event.reached < awaited:
            assert self._step(), "the host waits for ever"

    def seconds(self, begin: Any, end: Any) -> float:
        assert begin.reached
        assert end.reached
        return 1e-6

    def compute(self, job: Job, columns: Columns, calibrated: Any, piece: Piece, stream: Any) -> None:
        given = arguments(job, columns, calibrated, piece, self._between_blocks)
        blocks, seed = max(tiles(piece.length, THREADS), 1), self._random.randrange(2**32)

        def run() -> None:
            passed = [
                ctypes.c_void_p(argument.ctypes.data) if isinstance(argument, np.ndarray) else _scalar(argument)
                for argument in given
            ]
            self._run(ctypes.c_uint32(blocks), ctypes.c_uint32(seed), *passed)

        self._queue(stream, run)

    def synchronize(self) -> None:
        while any(stream.queue for stream in self._streams):
            assert self._step(), "the device waits for ever"

    def used_bytes(self) -> int:
        return self._taken_bytes

    def close(self) -> None:
        self.synchronize()

    def _queue(self, stream: _Stream, work: Callable[[], None]) -> None:
        def done() -> bool:
            work()
            return True

        stream.queue.append(done)
        if self._random.random() < 0.2:
            self._step()

    def _step(self) -> bool:
        """Let one stream that can go on do so; whether there was one."""
        for stream in self._random.sample(self._streams, len(self._streams)):
            if stream.queue and stream.queue[0]():
                stream.queue.popleft()
                return True
        return False


def _lent(array: NDArray[Any]) -> Callable[[], NDArray[Any]]:
    """The same memory later on; whoever queues a copy must keep it until then, as this does not."""
    owner: Any = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    kept, place, count, dtype = weakref.ref(owner), array.ctypes.data, array.nbytes, array.dtype

    def again() -> NDArray[Any]:
        assert kept() is not None, "a copy is queued on memory that was given back"
        memory: Any = (ctypes.c_char * count).from_address(place)
        return np.frombuffer(memory, dtype)

    return again


def _scalar(value: np.generic) -> Any:
    return {"u4": ctypes.c_uint32, "u8": ctypes.c_uint64}[value.dtype.str[1:]](int(value))
