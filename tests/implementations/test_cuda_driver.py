"""What is said where no GPU can be used, and what a driver's errors become: one line each."""

import ctypes
import re
from dataclasses import dataclass
from typing import Any

import pytest

from harness.errors import MeasurementError
from implementations.parts import cuda_driver


@dataclass
class Driver:
    """Answers as libcuda does."""

    version: int = 12_040
    capability: tuple[int, int] = (9, 0)
    init: int = 0
    get: int = 0

    def cuInit(self, flags: int) -> int:  # noqa: N802
        return self.init

    def cuDriverGetVersion(self, number: Any) -> int:  # noqa: N802
        number._obj.value = self.version
        return 0

    def cuDeviceGet(self, device: Any, ordinal: int) -> int:  # noqa: N802
        return self.get

    def cuDeviceGetAttribute(self, number: Any, attribute: int, device: Any) -> int:  # noqa: N802
        number._obj.value = self.capability[attribute - 75]
        return 0


@pytest.mark.parametrize(
    ("driver", "package", "built_for", "expected"),
    [
        (
            Driver(init=100),
            "cupy",
            12,
            "no usable GPU (cuInit gives error 100); check CUDA_VISIBLE_DEVICES and nvidia-smi",
        ),
        (Driver(get=101), "cupy", 12, "there is no GPU 0 (error 101); check CUDA_VISIBLE_DEVICES"),
        (Driver(version=11_080), "cupy", 12, "too old (for CUDA 11.8, expected 12.0 or newer); update the driver"),
        (Driver(capability=(6, 1)), "cupy", 12, "compute capability 6.1, expected 7.0 or newer; use a newer GPU"),
        (Driver(), "no_such_package", 12, "no_such_package is not installed; run: pip install 'sensorbench[gpu]'"),
        (Driver(version=13_000), "no_such_package", 12, "run: pip install 'sensorbench[gpu13]'"),
        (
            Driver(),
            "numba_cuda",
            13,
            "too old for numba_cuda (for CUDA 12.4, expected 13.0 or newer); update the driver, or",
        ),
        (
            Driver(capability=(10, 0), version=13_000),
            "numba_cuda",
            12,
            "cannot compile for compute capability 10.0; run: pip install",
        ),
        (
            Driver(capability=(7, 0), version=13_000),
            "numba_cuda",
            13,
            "compute capability 7.0; run: pip install 'sensorb",
        ),
        (Driver(capability=(7, 0), version=13_000), "numba_cuda", 12, None),
        (Driver(capability=(7, 0), version=13_000), "no_such_package", 12, "run: pip install 'sensorbench[gpu]'"),
        (Driver(capability=(10, 0)), "numba_cuda", 12, "too old (for CUDA 12.4, expected 13.0 or newer); update the"),
        (Driver(), "numba_cuda", 12, None),
        (Driver(version=13_000, capability=(10, 0)), "numba_cuda", 13, None),
    ],
)
def test_says_what_is_missing_and_what_mends_it(
    driver: Driver, package: str, built_for: int, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: driver)
    monkeypatch.setattr(cuda_driver, "_built_for", lambda package: built_for)
    reason = cuda_driver.missing_device(package)
    assert (reason is None) if expected is None else (reason is not None and expected in reason)


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        (Driver(), "gpu"),
        (Driver(version=13_000), "gpu"),
        (Driver(capability=(12, 0)), "gpu"),
        (Driver(capability=(12, 0), version=13_000), "gpu13"),
        (Driver(init=100), "gpu"),
    ],
)
def test_tells_which_packages_fit(driver: Driver, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: driver)
    assert cuda_driver.fitting_extra() == expected


def test_one_cupy_goes_before_the_other_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both would lie in the same folder."""
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver())
    monkeypatch.setattr(cuda_driver, "missing", lambda package: None)
    monkeypatch.setattr(cuda_driver, "_built_for", lambda package: 13)
    reason = cuda_driver.missing_device("cupy")
    assert reason is not None
    assert reason.endswith("run: pip uninstall cupy-cuda13x; pip install 'sensorbench[gpu]'")


@pytest.mark.parametrize(
    ("said", "kind", "expected"),
    [
        ("[2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY", MemoryError, "take a smaller piece_readings"),
        ("cudaErrorMemoryAllocation: out of memory", MemoryError, "out of memory (cudaErrorMemoryAllocation)"),
        ("cudaErrorInsufficientDriver: CUDA driver version is insufficient", MeasurementError, "too old"),
        ("cudaErrorCallRequiresNewerDriver: API call is not supported", MeasurementError, "driver is too old"),
        ("[222] CUDA_ERROR_UNSUPPORTED_PTX_VERSION", MeasurementError, "driver is too old for the installed CUDA"),
        ("CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access", MeasurementError, "lost or failed"),
        ("cudaErrorDevicesUnavailable: all busy", MeasurementError, "lost or failed (cudaErrorDevicesUnavailable)"),
        ('Failure finding "libcudart.so.13": No such file', MeasurementError, "compiler is missing or too old"),
        ("Failure finding libnvrtc.so: not found", MeasurementError, "compiler is missing or too old"),
    ],
)
def test_errors_of_the_driver_become_one_line(said: str, kind: type[Exception], expected: str) -> None:
    with pytest.raises(kind, match=re.escape(expected)) as caught, cuda_driver.plain_errors():
        raise RuntimeError(said)
    assert "\n" not in str(caught.value)


def test_a_function_that_a_driver_lacks_makes_it_too_old() -> None:
    class FunctionNotFoundError(RuntimeError):
        """As cuda.bindings has it."""

    with (
        pytest.raises(MeasurementError, match=r"driver is too old .*FunctionNotFoundError"),
        cuda_driver.plain_errors(),
    ):
        raise FunctionNotFoundError("function cuKernelGetAttribute is not found")


def test_other_errors_stay_as_they_are() -> None:
    with pytest.raises(KeyError, match="piece"), cuda_driver.plain_errors():
        raise KeyError("piece")
