"""Inside a process: what the kernel says of its memory, and the reset of its peak. Linux; elsewhere what there is."""

import contextlib
import ctypes
import gc
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_ROLLUP = Path("/proc/self/smaps_rollup")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


def _field_bytes(path: Path, name: str) -> int | None:
    try:
        for line in path.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return None
    return None


def resident_now_bytes() -> int | None:
    """Resident size at this moment: exact from the page tables where they can be read, else the kernel's counter."""
    return _field_bytes(_ROLLUP, "Rss") or _field_bytes(_STATUS, "VmRSS")


def proportional_now_bytes() -> int | None:
    """The resident size with each shared page divided among those that share it."""
    return _field_bytes(_ROLLUP, "Pss")


def anonymous_now_bytes() -> int | None:
    """The anonymous part of the resident size."""
    return _field_bytes(_ROLLUP, "Anonymous")


def mapped_now_bytes() -> int | None:
    """Resident pages of mapped files."""
    return _field_bytes(_STATUS, "RssFile")


def reset_peak() -> bool:
    """Make the peak start again from the present; whether that worked."""
    try:
        _CLEAR_REFS.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def peak_bytes(pid: int | None = None) -> int | None:
    """The highest resident size since the last reset (VmHWM), of this process or of another."""
    return _field_bytes(_STATUS if pid is None else Path(f"/proc/{pid}/status"), "VmHWM")


def collect() -> None:
    """Collect garbage and give freed memory back to the system, so that what is resident is what is held."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)
