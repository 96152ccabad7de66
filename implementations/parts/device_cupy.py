"""A CUDA device as CuPy reaches it, and the pass over the readings whose kernel is CUDA C."""

from functools import cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import Choice, IntRange, LogRange
from implementations.kernels import cuda_source
from implementations.parts.cuda_driver import missing_device
from implementations.parts.device import Columns, Device, Job, Piece
from implementations.parts.device_pass import DevicePass


class CupyPass(DevicePass):
    """The whole job in one kernel of CUDA C.

    Parameters
    ----------
    piece_readings
        Most readings a piece.
    slots
        Pieces under way at once.
    combine
        Whether readings of one sensor that meet in a warp become one update.
    """

    def __init__(
        self,
        piece_readings: Annotated[int, LogRange(1024, 1 << 26)] = 1 << 20,
        slots: Annotated[int, IntRange(1, 8)] = 3,
        combine: Annotated[bool, Choice(False, True)] = True,
    ) -> None:
        super().__init__(piece_readings, slots)
        self._combine = combine

    @classmethod
    def unavailable(cls) -> str | None:
        """A driver, a device of compute capability 7.0 and CuPy are needed."""
        return missing_device("cupy")

    def _open(self) -> Device:
        return _CupyDevice(self._most, combine=self._combine)


def arguments(
    job: Job, columns: Columns, calibrated: Any, piece: Piece, between_blocks: tuple[Any, Any]
) -> tuple[Any, ...]:
    """What the kernel is given, in order: arrays of the device, and scalars of the very types it declares."""
    image, integer = job.image, np.uint32
    return (
        *columns, integer(piece.length), integer(piece.number), integer(piece.turn & 0xFFFFFFFF),
        job.table, integer(image.multiplier), integer(image.shift), integer(image.mask), integer(job.sensors),
        calibrated, job.state, job.counters, *between_blocks, *job.ring, np.uint64(job.room),
    )  # fmt: skip


@cache
def compiled(capability: int, *, combine: bool) -> bytes:
    """The kernel for a compute capability (as 90 for 9.0): machine code, or PTX where NVRTC does not know it yet.

    PTX is that of the newest device before it, which the driver translates. ``RawModule(code=...)`` would flush
    subnormals to zero: CuPy adds ``-ftz=true`` to whatever options it is given.
    """
    from cupy.cuda import nvrtc

    known = nvrtc.getSupportedArchs()
    target = (
        f"sm_{capability}" if capability in known else f"compute_{max(arch for arch in known if arch < capability)}"
    )
    program = nvrtc.createProgram(cuda_source.WHOLE_PASS, cuda_source.PATH.name, (), ())
    try:
        nvrtc.compileProgram(program, (*cuda_source.options(combine=combine), f"--gpu-architecture={target}"))
        made: bytes = nvrtc.getCUBIN(program) if capability in known else nvrtc.getPTX(program)
    finally:
        nvrtc.destroyProgram(program)
    return made + b"\0"  # CuPy cuts off the last byte, of machine code too, which then is one short


class _CupyDevice:
    """The device as CuPy reaches it: runtime calls on addresses, memory from a pool of its own."""

    def __init__(self, most: int, *, combine: bool) -> None:
        import cupy

        self._cupy, self._runtime = cupy, cupy.cuda.runtime
        self._pool = cupy.cuda.MemoryPool()
        self._registered: list[NDArray[Any]] = []
        module = cupy.cuda.Module()  # RawModule takes code, which it would compile its own way, or a file
        module.load(compiled(int(cupy.cuda.Device().compute_capability), combine=combine))
        self._kernel = module.get_function("whole_pass")
        self._tickets = self.array(1, np.uint32)
        self._tiles = self.array(cuda_source.tiles(most), np.uint64)
        for array in (self._tickets, self._tiles):
            array.fill(0)

    def array(self, count: int, dtype: DTypeLike) -> Any:
        given = np.dtype(dtype)
        memory = self._pool.malloc(count * given.itemsize)
        plain = given if given.kind != "V" else np.dtype((np.uint64, given.itemsize // 8))
        shape = (count, *plain.shape)
        return self._cupy.ndarray(shape, plain.base, memory)

    def pinned(self, count: int, dtype: DTypeLike) -> NDArray[Any]:
        size = count * np.dtype(dtype).itemsize
        return np.frombuffer(self._cupy.cuda.alloc_pinned_memory(size), dtype, count)

    def register(self, array: NDArray[Any]) -> None:
        self._runtime.hostRegister(array.ctypes.data, array.nbytes, 0)
        self._registered.append(array)  # memory that is given back must not stay page-locked

    def put(self, target: Any, source: NDArray[Any], stream: Any) -> None:
        kind = self._runtime.memcpyHostToDevice
        self._runtime.memcpyAsync(target.data.ptr, source.ctypes.data, source.nbytes, kind, stream.ptr)

    def get(self, target: NDArray[Any], source: Any, stream: Any) -> None:
        kind = self._runtime.memcpyDeviceToHost
        self._runtime.memcpyAsync(target.ctypes.data, source.data.ptr, target.nbytes, kind, stream.ptr)

    def copy(self, target: Any, source: Any, stream: Any) -> None:
        kind = self._runtime.memcpyDeviceToDevice
        self._runtime.memcpyAsync(target.data.ptr, source.data.ptr, source.nbytes, kind, stream.ptr)

    def stream(self) -> Any:
        return self._cupy.cuda.Stream(non_blocking=True)

    def event(self) -> Any:
        return self._cupy.cuda.Event()

    def record(self, event: Any, stream: Any) -> None:
        event.record(stream)

    def hold(self, stream: Any, event: Any) -> None:
        stream.wait_event(event)

    def wait(self, event: Any) -> None:
        event.synchronize()

    def seconds(self, begin: Any, end: Any) -> float:
        return float(self._cupy.cuda.get_elapsed_time(begin, end)) / 1e3

    def compute(self, job: Job, columns: Columns, calibrated: Any, piece: Piece, stream: Any) -> None:
        given = arguments(job, columns, calibrated, piece, (self._tickets, self._tiles))
        blocks = max(cuda_source.tiles(piece.length), 1)
        self._kernel((blocks,), (cuda_source.THREADS,), given, stream=stream)

    def synchronize(self) -> None:
        self._runtime.deviceSynchronize()

    def used_bytes(self) -> int:
        return int(self._pool.used_bytes())

    def close(self) -> None:
        try:
            self.synchronize()
            for array in self._registered:
                self._runtime.hostUnregister(array.ctypes.data)
        except self._runtime.CUDARuntimeError:
            return  # the device is lost, and with it all that there was to release
