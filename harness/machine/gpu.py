"""Graphics processors: model and driver, read without starting the driver where the kernel already tells."""

import functools
import subprocess
from dataclasses import dataclass

from harness.machine.host import Host

_FOLDER = "/proc/driver/nvidia"
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device; None where it could not be read."""

    model: str | None = None
    driver: str | None = None


def read_gpus(host: Host) -> tuple[Gpu, ...]:
    """The NVIDIA devices of `host`, in bus order; empty without one.

    A container often has the tool but not the kernel's folder: then ``nvidia-smi`` is asked, once a process.
    """
    driver = _driver(host)
    found = tuple(
        Gpu(host.fields(f"{path}/information").get("Model"), driver) for path in host.glob(f"{_FOLDER}/gpus/*")
    )
    if found or not host.live:
        return found
    rows = query("name,driver_version") if host.program("nvidia-smi") else None
    return tuple(Gpu(*row[:2]) for row in rows or () if len(row) >= 2)


@functools.cache
def query(fields: str) -> tuple[tuple[str, ...], ...] | None:
    """One row a device with the asked `fields` of ``nvidia-smi --query-gpu``; None if it fails or takes too long."""
    command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(tuple(cell.strip() for cell in line.split(",")) for line in done.stdout.splitlines() if line.strip())


def _driver(host: Host) -> str | None:
    """The version in a line such as ``NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue ...``."""
    words = (host.fields(f"{_FOLDER}/version").get("NVRM version") or "").split()
    return next((word for word in words if word[:1].isdigit() and "." in word), None)
