"""`gpu_cupy` without a GPU: what it asks of the real CuPy is understood, and fails for want of a device only.

A wrong name, argument or type would be an AttributeError or a TypeError before the driver is asked for anything.
"""

import struct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness.verify.scenarios import table
from implementations.parts.device import Job, Piece
from implementations.parts.device_cupy import _CupyDevice, compiled
from implementations.parts.device_layout import COUNTERS, SLOT_DTYPE, STATE_DTYPE, fresh_state, table_image

cupy = pytest.importorskip("cupy", reason="CuPy is not installed: run pip install 'sensorbench[gpu]'")

MEMORY = np.zeros(1 << 16, np.uint8)
STREAM = cupy.cuda.Stream.null


def lent(size: int) -> Any:
    """Device memory as CuPy's pool gives it, which is the host's."""
    return cupy.cuda.MemoryPointer(cupy.cuda.UnownedMemory(MEMORY.ctypes.data, size, MEMORY, 0), 0)


def there(count: int, dtype: Any) -> Any:
    """An array as CuPy has them, in memory that is the host's."""
    memory = lent(MEMORY.nbytes)
    given = np.dtype(dtype)
    words = (np.uint64, (count, given.itemsize // 8)) if given.kind == "V" else (given, (count,))
    return cupy.ndarray(words[1], words[0], memory)


def bare() -> _CupyDevice:
    """The device without what its start asks of the driver."""
    device = _CupyDevice.__new__(_CupyDevice)
    device._cupy, device._runtime, device._pool = cupy, cupy.cuda.runtime, cupy.cuda.MemoryPool()
    device._registered, device._kernel = [], cupy.cuda.Function.__new__(cupy.cuda.Function)
    device._tickets, device._tiles = there(1, np.uint32), there(8, np.uint64)
    return device


def event() -> Any:
    made = cupy.cuda.Event.__new__(cupy.cuda.Event)
    made.ptr = 0
    return made


def compute(device: _CupyDevice) -> None:
    image, columns = table_image(table()), tuple(there(8, dtype) for dtype in ("u4", "i8", "f4"))
    job = Job(
        len(table()),
        image,
        there(len(image.slots), image.slots.dtype),
        there(len(table()), STATE_DTYPE),
        there(len(table()), STATE_DTYPE),
        there(COUNTERS, np.uint64),
        columns,
        1 << 33,
    )
    device.compute(job, columns, there(8, np.float32), Piece(8, 2**32 - 9, 2**40), STREAM)


CALLS: dict[str, Callable[[_CupyDevice], Any]] = {
    "start": lambda device: _CupyDevice(1024, combine=True),
    "load": lambda device: cupy.cuda.Module().load(compiled(90, combine=True)),
    "array": lambda device: device.array(8, STATE_DTYPE),
    "pinned": lambda device: device.pinned(8, STATE_DTYPE),
    "register": lambda device: device.register(MEMORY),
    "put": lambda device: device.put(there(8, np.int64), np.zeros(8, np.int64), STREAM),
    "put structured": lambda device: device.put(there(8, STATE_DTYPE), fresh_state(8), STREAM),
    "get": lambda device: device.get(np.zeros(8, np.int64), there(8, np.int64), STREAM),
    "copy": lambda device: device.copy(there(8, STATE_DTYPE), there(8, STATE_DTYPE), STREAM),
    "stream": lambda device: device.stream(),
    "event": lambda device: device.event(),
    "record": lambda device: device.record(event(), STREAM),
    "hold": lambda device: device.hold(STREAM, event()),
    "wait": lambda device: device.wait(event()),
    "seconds": lambda device: device.seconds(event(), event()),
    "compute": compute,
    "synchronize": lambda device: device.synchronize(),
    "used bytes": lambda device: device.used_bytes(),
    "fill": lambda device: there(8, np.uint64).fill(0),
}


@pytest.mark.skipif(cupy.cuda.is_available(), reason="there is a GPU, on which the verifier lets everything run")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a stream that was not made is let go
@pytest.mark.parametrize("call", CALLS)
def test_only_a_device_is_missing(call: str) -> None:
    device = bare()
    with pytest.raises(cupy.cuda.runtime.CUDARuntimeError, match=r"cudaError(InsufficientDriver|NoDevice)"):
        CALLS[call](device)


@pytest.mark.skipif(cupy.cuda.is_available(), reason="there is a GPU")
def test_a_lost_device_can_be_let_go() -> None:
    device = bare()
    device._registered.append(MEMORY)
    device.close()


@pytest.mark.parametrize("dtype", ["u4", "f8", SLOT_DTYPE, STATE_DTYPE], ids=str)
def test_arrays_are_as_long_as_they_are_on_the_host(dtype: Any) -> None:
    device = bare()
    device._pool = SimpleNamespace(malloc=lent)
    array = device.array(5, dtype)
    assert (array.nbytes, array.data.ptr) == (5 * np.dtype(dtype).itemsize, MEMORY.ctypes.data)


@pytest.mark.parametrize("dtype", ["u4", "f8", SLOT_DTYPE, STATE_DTYPE], ids=str)
def test_page_locked_memory_is_an_array_that_can_be_written(dtype: Any) -> None:
    def malloc(size: int) -> Any:
        return cupy.cuda.PinnedMemoryPointer(SimpleNamespace(ptr=MEMORY.ctypes.data, size=2 * size), 0)

    cupy.cuda.set_pinned_memory_allocator(malloc)
    try:
        array = bare().pinned(5, dtype)
    finally:
        cupy.cuda.set_pinned_memory_allocator(cupy.get_default_pinned_memory_pool().malloc)
    assert (array.shape, array.dtype, array.ctypes.data) == ((5,), np.dtype(dtype), MEMORY.ctypes.data)
    assert array.flags.writeable


@pytest.mark.parametrize("capability", [75, 80, 86, 89, 90, 100])
def test_machine_code_is_whole(capability: int) -> None:
    code = compiled(capability, combine=True)
    assert code.startswith(b"\x7fELF")
    segments, sections = struct.unpack_from("<QQ", code, 32)
    segment_bytes, segment_count, section_bytes, section_count = struct.unpack_from("<HHHH", code, 54)
    assert len(code) >= max(segments + segment_bytes * segment_count, sections + section_bytes * section_count)


@pytest.mark.parametrize(("capability", "target"), [(76, b".target sm_75"), (999, b".target sm_1")])
def test_what_the_compiler_does_not_know_gets_ptx_of_the_newest_before_it(capability: int, target: bytes) -> None:
    ptx = compiled(capability, combine=True)
    assert target in ptx
    assert b".ftz" not in ptx
    assert ptx.endswith(b"\0")
