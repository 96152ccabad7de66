"""Run in a process of its own with `driver_on_host` as its libcuda: `gpu_numba` through the real numba.cuda.

Kernels are compiled, linked and loaded, but not run: what they answer is checked in `gpu_simulated.py`.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import pytest
from numba import cuda
from numpy.typing import NDArray

from harness.contract import Readings
from harness.errors import MeasurementError
from harness.verify.scenarios import readings, table
from implementations.kernels import cuda_kernels
from implementations.parts import device_bandwidth
from implementations.parts.device import COLUMN_DTYPES
from implementations.parts.device_layout import SLOT_DTYPE, STATE_DTYPE
from implementations.processors.gpu_numba import GpuNumba, _NumbaDevice

OUT_OF_MEMORY, UNSUPPORTED_PTX, ILLEGAL_ADDRESS = 2, 222, 700
PIECE_READINGS = 64
LOST: list[NDArray[Any]] = []


@cache
def driver() -> ctypes.CDLL:
    """The very library that numba.cuda uses."""
    return ctypes.CDLL("libcuda.so.1")


@contextmanager
def fault(call: str, code: int) -> Iterator[None]:
    """Let a call of the driver fail."""
    driver().set_fault(call.encode(), code)
    try:
        yield
    finally:
        driver().set_fault(call.encode(), 0)


def started(retain: int = 100) -> GpuNumba:
    processor = GpuNumba(PIECE_READINGS)
    processor.start(table(), retain)
    return processor


def batches(count: int) -> list[Readings]:
    return [Readings.of_records(readings(150, seed)) for seed in range(count)]


def feed(processor: GpuNumba) -> None:
    for batch in batches(2):
        processor.process(batch)
        processor.close_window()


def test_it_is_available() -> None:
    assert GpuNumba.unavailable() is None


@pytest.mark.parametrize("dtype", [*COLUMN_DTYPES, np.uint64, SLOT_DTYPE, STATE_DTYPE])
def test_copies_go_there_and_back_in_turn(dtype: Any) -> None:
    device = _NumbaDevice(PIECE_READINGS)
    source, target = device.pinned(8, dtype), device.pinned(8, dtype)
    there, also = device.array(8, dtype), device.array(8, dtype)
    stream, other, event = device.stream(), device.stream(), device.event()
    source[:] = np.frombuffer(np.random.default_rng(1).bytes(source.nbytes), dtype)
    device.put(there, source, stream)
    device.copy(also, there, stream)
    device.record(event, stream)
    device.hold(other, event)
    device.get(target[:5], also, other)
    device.synchronize()
    assert target[:5].tobytes() == source[:5].tobytes()
    assert target[5:].tobytes() == b"\xa5" * target[5:].nbytes
    device.put(there, source[3:], stream)
    device.get(target[:5], there, stream)
    device.record(event, stream)
    device.wait(event)
    assert target[:5].tobytes() == source[3:].tobytes()
    pageable = np.empty(5, dtype)
    device.get(pageable, also, stream)
    assert pageable.tobytes() == source[:5].tobytes()


def test_marks_tell_seconds() -> None:
    device = _NumbaDevice(PIECE_READINGS)
    stream, begin, end = device.stream(), device.event(), device.event()
    device.record(begin, stream)
    device.record(end, stream)
    device.synchronize()
    assert device.seconds(begin, end) == pytest.approx(0.5e-3)
    assert set(device_bandwidth.measure(device, 1 << 16)) == {"to_device", "to_host", "both_ways", "device_copy"}


def test_every_piece_is_three_launches(recwarn: pytest.WarningsRecorder) -> None:
    before = driver().launched()
    processor = started()
    returned = [len(processor.process(batch)) for batch in batches(4)]
    assert [*returned, len(processor.flush())] == [0, 150, 150, 150, 150]
    assert len(processor.close_window().count) == len(table())
    assert len(processor.history().calibrated) <= 100
    assert driver().launched() - before == 3 * (1 + 4 * 3)
    placed = processor.place(batches(1)[0])
    processor.trace(on=True)
    processor.pass_over(placed)
    assert len(processor.values_of(placed)) == 150
    assert processor.trace(on=False)["kernel_s"] == pytest.approx(3 * 0.5e-3)
    processor.stop()
    before = driver().launched()
    started(retain=0).stop()
    assert driver().launched() - before == 2
    assert [str(warning.message) for warning in recwarn] == []
    kernels = (cuda_kernels.work, cuda_kernels.rank, cuda_kernels.retain)
    assert [len(kernel.signatures) for kernel in kernels] == [1, 1, 1]  # compiled by the start and never again


def test_registered_memory_is_read_by_the_device_itself() -> None:
    processor = started()
    columns: list[NDArray[Any]] = [np.zeros(150, dtype) for dtype in ("u4", "i8", "f4")]
    for column in columns:
        processor.register(column)
    (batch,) = batches(1)
    for column, source in zip(columns, (batch.sensor_id, batch.time, batch.value), strict=True):
        column[:] = source
        column.flags.writeable = False
    before = driver().staged()
    processor.process(Readings(*columns))
    processor.flush()
    assert driver().staged() == before
    processor.stop()


@pytest.mark.parametrize("call", ["cuMemAlloc_v2", "cuMemHostAlloc"])
def test_out_of_memory_is_one_line_and_one_can_start_again(call: str) -> None:
    processor = GpuNumba(PIECE_READINGS)
    with fault(call, OUT_OF_MEMORY), pytest.raises(MemoryError, match=r"out of memory \(CUDA_ERROR_OUT_OF_MEMORY\)"):
        processor.start(table(), 100)
    processor.start(table(), 100)
    processor.stop()


def test_a_driver_too_old_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_kernels, "work", cuda.jit(cuda_kernels.work.py_func))  # not loaded yet
    with (
        fault("cuLibraryLoadData", UNSUPPORTED_PTX),
        pytest.raises(MeasurementError, match=r"driver is too old .*CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
    ):
        GpuNumba(PIECE_READINGS).start(table(), 100)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # numba.cuda prints them, and goes on
@pytest.mark.parametrize(
    "call", ["cuCtxSynchronize", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuEventRecord", "cuLaunchKernelEx"]
)
def test_a_lost_device_is_one_line_and_can_be_stopped(call: str) -> None:
    processor = started()
    LOST.append(np.zeros(4))  # stays page-locked, since what unlocks it fails
    processor.register(LOST[-1])
    with fault(call, ILLEGAL_ADDRESS), fault("cuMemHostUnregister", ILLEGAL_ADDRESS):
        with pytest.raises(MeasurementError, match=r"lost or failed \(CUDA_ERROR_ILLEGAL_ADDRESS\)"):
            feed(processor)
        processor.stop()
