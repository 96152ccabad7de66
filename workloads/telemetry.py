"""Telemetry: this computer's own counters, recorded once and replayed from then on."""

import importlib.util
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from harness.contract import Workload
from harness.errors import InputError
from workloads.counters import record_telemetry
from workloads.counters.cache import cache_folder
from workloads.recorded import Recorded
from workloads.recordings import Recording, read_recording

SECONDS, RATE_PER_S = 5.0, 100.0
"""What is recorded where there is no recording yet."""

_VARIABLE = "SENSORBENCH_TELEMETRY"


class Telemetry(Recorded, Workload):
    """Hundreds of real signals at 100 Hz: CPU times, interrupts, memory, disks, network, pressure, temperatures.

    Real input without a download. All sensors speak in turn, so ids repeat in one order; many values stay as they were,
    some jump.

    Parameters
    ----------
    path
        A recording; by default the file that ``SENSORBENCH_TELEMETRY`` names, else the one in the cache folder, which
        is recorded in about five seconds where there is none.
    progress
        Told the seconds that have passed and the readings so far, while it is recorded.
    """

    version = 1

    def __init__(self, path: Path | None = None, progress: Callable[[float, int], None] | None = None) -> None:
        self._path = path
        self._progress = progress

    def recording(self) -> Recording:
        """The recording, read once, and made before if there is none."""
        return self._recording

    @cached_property
    def _recording(self) -> Recording:
        chosen = self._path or os.environ.get(_VARIABLE)
        if chosen:
            return read_recording(Path(chosen).expanduser())
        path = default_path()
        if not path.exists():
            record_telemetry(path, SECONDS, RATE_PER_S, self._progress)
        try:
            return read_recording(path)
        except InputError as error:
            raise InputError(f"{error} ('sensorbench record telemetry' makes it anew)") from error

    @classmethod
    def unavailable(cls) -> str | None:
        """None where there are counters to read."""
        if Path("/proc/stat").exists() or importlib.util.find_spec("psutil") is not None:
            return None
        return "this system shows no counters; install psutil"


def default_path() -> Path:
    """Where the recording that is replayed lies in the cache folder."""
    return cache_folder() / f"telemetry-{Telemetry.version}.rec"
