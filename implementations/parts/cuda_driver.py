"""The CUDA driver: whether it has a device that will do, and its errors in plain words."""

import ctypes
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from harness.errors import MeasurementError
from implementations.parts.requirement import missing

_LEAST_CUDA = 12
_LEAST_CAPABILITY = (7, 0)
_LEAST_CAPABILITY_OF_13 = (7, 5)
_CAPABILITY = (75, 76)  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
_NEEDS_13_FROM = {"numba_cuda": (10, 0)}
"""Compute capability from which on a package has to be the one for CUDA 13."""
_EXTRAS = {12: "sensorbench[gpu]", 13: "sensorbench[gpu13]"}
_ERROR_NAME = re.compile(
    r"CUDA_ERROR_[A-Z_]+|cudaError[A-Za-z]+|OutOfMemoryError|FunctionNotFoundError"
    r"|NVRTC_ERROR_[A-Z_]+|libnvrtc|libnvvm|libcudart"
)
_OUT_OF_MEMORY = {"OUTOFMEMORY", "OUTOFMEMORYERROR", "MEMORYALLOCATION"}
_TOO_OLD = {
    "INSUFFICIENTDRIVER",
    "CALLREQUIRESNEWERDRIVER",
    "SYSTEMDRIVERMISMATCH",
    "NOBINARYFORGPU",
    "NOKERNELIMAGEFORDEVICE",
    "FUNCTIONNOTFOUNDERROR",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """What the driver says of itself and of GPU 0: versions as (major, minor)."""

    cuda: tuple[int, int]
    capability: tuple[int, int]


def missing_device(package: str) -> str | None:
    """Why no CUDA device can be used through `package` ("cupy" or "numba_cuda"), with the remedy; None if one can.

    Asks the driver itself, so that nothing heavy is imported where there is none.
    """
    found = _found()
    return found if isinstance(found, str) else _unfit(found, package)


def fitting_extra() -> str:
    """The extra of this project whose packages all do with the driver and GPU 0 of this machine, or "gpu"."""
    found = _found()
    if isinstance(found, str) or found.cuda < (13, 0):
        return "gpu"
    return "gpu13" if any(found.capability >= least for least in _NEEDS_13_FROM.values()) else "gpu"


def _found() -> _Found | str:
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "no NVIDIA driver (libcuda.so.1) is installed; run it on a machine with an NVIDIA GPU and its driver"
    return _asked(driver)


def _asked(driver: ctypes.CDLL) -> _Found | str:
    """What the loaded driver has, or what it lacks."""
    number, device = ctypes.c_int(), ctypes.c_int()
    status = driver.cuInit(0)
    if status:
        return (
            f"the NVIDIA driver finds no usable GPU (cuInit gives error {status}); check CUDA_VISIBLE_DEVICES and "
            "nvidia-smi"
        )
    driver.cuDriverGetVersion(ctypes.byref(number))
    cuda = number.value // 1000, number.value % 1000 // 10
    status = driver.cuDeviceGet(ctypes.byref(device), 0)
    if status:
        return f"there is no GPU 0 (error {status}); check CUDA_VISIBLE_DEVICES and nvidia-smi"
    capability = []
    for attribute in _CAPABILITY:
        driver.cuDeviceGetAttribute(ctypes.byref(number), attribute, device)
        capability.append(number.value)
    return _Found(cuda, (capability[0], capability[1]))


def _unfit(found: _Found, package: str) -> str | None:
    cuda, capability = (".".join(map(str, pair)) for pair in (found.cuda, found.capability))
    if found.capability < _LEAST_CAPABILITY:
        return f"GPU 0 has compute capability {capability}, expected 7.0 or newer; use a newer GPU"
    needed = _needed(found.capability, package)
    least = needed or _LEAST_CUDA
    if found.cuda < (least, 0):
        return f"the NVIDIA driver is too old (for CUDA {cuda}, expected {least}.0 or newer); update the driver"
    fitting = needed or (13 if found.cuda >= (13, 0) else 12)
    if missing(package):
        return f"the package {package} is not installed; run: pip install '{_EXTRAS[fitting]}'"
    built_for = _built_for(package)
    if found.cuda < (built_for, 0):
        return (
            f"the NVIDIA driver is too old for {package} (for CUDA {cuda}, expected {built_for}.0 or newer); update "
            f"the driver, or run: {_changed_to(12, package)}"
        )
    if needed not in {None, built_for}:
        return (
            f"{package} for CUDA {built_for} cannot compile for compute capability {capability}; run: "
            f"{_changed_to(fitting, package)}"
        )
    return None


def _needed(capability: tuple[int, int], package: str) -> int | None:
    """The major version of CUDA without which `package` cannot compile for the device; None if any does."""
    if capability < _LEAST_CAPABILITY_OF_13:
        return 12
    return 13 if package in _NEEDS_13_FROM and capability >= _NEEDS_13_FROM[package] else None


def _changed_to(major: int, package: str) -> str:
    """The command that puts `package` for CUDA `major` in the place of that for another one."""
    install = f"pip install '{_EXTRAS[major]}'"
    return f"pip uninstall cupy-cuda{25 - major}x; {install}" if package == "cupy" else install


def _built_for(package: str) -> int:
    """The major version of CUDA that the installed `package` is for."""
    try:
        if package == "numba_cuda":
            return int(version("cuda-bindings").partition(".")[0])
        version("cupy-cuda13x")
    except PackageNotFoundError:
        return _LEAST_CUDA
    return 13


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn an error of the CUDA driver or its compilers, whichever library reports it, into one line.

    Raises
    ------
    MemoryError
        If the device or the page-locked host memory is full.
    MeasurementError
        If the driver reports anything else.
    """
    try:
        yield
    except Exception as error:
        found = _ERROR_NAME.search(f"{type(error).__name__}: {error}")
        if found is None:
            raise
        raise _in_words(found.group()) from error


def _in_words(name: str) -> Exception:
    plain = name.removeprefix("CUDA_ERROR_").removeprefix("cudaError").replace("_", "").upper()
    if plain in _OUT_OF_MEMORY:
        return MemoryError(f"the GPU is out of memory ({name}); take a smaller piece_readings or a smaller size")
    if "PTX" in plain or plain in _TOO_OLD:
        return MeasurementError(f"the NVIDIA driver is too old for the installed CUDA packages ({name}); update it")
    if name.startswith(("NVRTC", "lib")):
        return MeasurementError(
            f"the CUDA compiler is missing or too old ({name}); run: pip install '{_EXTRAS[12]}' or '{_EXTRAS[13]}'"
        )
    return MeasurementError(
        f"the GPU was lost or failed ({name}); see nvidia-smi and the kernel log (dmesg), run again"
    )


if __name__ == "__main__":
    sys.stdout.write(fitting_extra())
