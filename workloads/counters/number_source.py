"""Files of one number each, such as the temperatures and clock speeds under ``/sys``."""

import contextlib
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from workloads.counters.source import Counter, Source

_SLOW_NS = 500_000
_BYTES = 64


class NumberSource(Source):
    """Some files of one number each, all kept open; those that cannot be read or answer slowly are left out.

    Parameters
    ----------
    files
        What each is called, and where it is.
    """

    def __init__(self, name: str, files: Iterable[tuple[str, Path]]) -> None:
        self.name = name
        counters, self._descriptors = [], []
        for called, path in files:
            with contextlib.suppress(OSError, ValueError):
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                self._descriptors.append(descriptor)
                started = time.perf_counter_ns()
                if _number(descriptor) == _number(descriptor) and time.perf_counter_ns() - started < 2 * _SLOW_NS:
                    counters.append(Counter(f"{name}/{called}", False))
                    continue
            if len(self._descriptors) > len(counters):
                os.close(self._descriptors.pop())
        self.counters: Sequence[Counter] = counters

    def select(self, chosen: Sequence[int]) -> None:
        """Give only the files at these indexes from now on, and close the others."""
        kept = set(chosen)
        for index, descriptor in enumerate(self._descriptors):
            if index not in kept:
                os.close(descriptor)
        self.counters = [self.counters[index] for index in chosen]
        self._descriptors = [self._descriptors[index] for index in chosen]

    def sample(self) -> list[float]:
        """The numbers now; NaN where a device does not answer."""
        values = []
        for descriptor in self._descriptors:
            try:
                values.append(_number(descriptor))
            except (OSError, ValueError):
                values.append(float("nan"))
        return values

    def close(self) -> None:
        """Close the files."""
        while self._descriptors:
            os.close(self._descriptors.pop())


def _number(descriptor: int) -> float:
    return float(os.pread(descriptor, _BYTES, 0))


def sensor_files(root: Path = Path("/sys")) -> Iterable[tuple[str, Path]]:
    """Temperatures, fans, voltages, powers, battery levels and clock speeds, where there are any."""
    for path in sorted(root.glob("class/thermal/thermal_zone*/temp")):
        yield f"{path.parent.name}/{_text(path.with_name('type'))}", path
    for path in sorted(root.glob("class/hwmon/hwmon*/*_input")):
        chip = f"{path.parent.name}/{_text(path.with_name('name'))}"
        yield f"{chip}/{path.name.removesuffix('_input')}", path
    for path in sorted(root.glob("class/power_supply/*/*_now")):
        yield f"{path.parent.name}/{path.name}", path
    for path in sorted(root.glob("devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq")):
        yield f"{path.parent.parent.name}/clock_khz", path


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return "unnamed"
