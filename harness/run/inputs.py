"""The inputs of a run: each workload at each size written once, in a private folder that goes with the run."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.contract import RECORD_DTYPE, Size, Workload
from harness.discovery import workload as find_workload
from harness.errors import ContractError, InputError, UsageError
from harness.measure.processes.input_watch import InputWatch
from harness.measure.processes.keeper import scratch_folder
from harness.stream import Stream, blamed_on, readings_to_fill, records_path, write_stream
from harness.units import format_bytes
from harness.verify.known import forget

_MOST_SENSORS = 1 << 32
_SENSOR_BYTES = 64
"""Of a generator for each sensor, roughly."""

LADDER = ("tiny", "small", "medium", "large")
"""The standard sizes, smallest first: what a slow implementation steps down."""


class Inputs:
    """Streams by workload and size, made when first asked for; a context manager that removes them.

    The newest stays on disk; older ones go when `most` streams are kept, least recently used first. One whose file
    was removed, cut short or changed by others is written anew.
    """

    def __init__(self, sensors_path: str | None = None, most: int = 4) -> None:
        self._sensors_path = sensors_path
        self._most = most
        self._workloads: dict[str, tuple[str, Workload]] = {}
        self._streams: dict[tuple[str, str], Stream] = {}
        self._fills: dict[tuple[str, int], int] = {}
        self._watches: dict[Path, InputWatch | None] = {}

    def __enter__(self) -> Self:
        self._folder = scratch_folder()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams.values():
            forget(stream)
        self._streams.clear()
        self._folder.cleanup()

    def workload(self, text: str) -> tuple[str, Workload]:
        """Label and instance of the workload that `text` names."""
        if text not in self._workloads:
            self._workloads[text] = find_workload(text, self._sensors_path)
        return self._workloads[text]

    def size(self, text: str, name: str | None) -> Size:
        """The size called `name` of a workload, or the one it has by itself.

        Raises
        ------
        UsageError
            If the workload has no such size.
        """
        label, workload = self.workload(text)
        chosen = name or getattr(workload, "own_size", None) or "small"
        with blamed_on(label):
            try:
                found = workload.size(chosen)
            except KeyError as error:
                raise UsageError(f"workload {label} has no size {chosen!r}; it has {', '.join(LADDER)}") from error
            if not isinstance(found, Size):
                raise ContractError(f"size({chosen!r}) is {type(found).__name__}; expected a Size")
        return found

    def smaller(self, text: str, name: str) -> str | None:
        """The next smaller size to step down to, or None."""
        readings = self.size(text, name).readings
        fitting = [step for step in LADDER if self.size(text, step).readings < readings]
        return fitting[-1] if fitting else None

    def stream(self, text: str, size: Size, progress: Callable[[int], None] = lambda _: None) -> Stream:
        """The stream of a workload at a size, written if it is not there yet."""
        key = (text, size.name)
        known = self._streams.pop(key, None)
        if known is not None and self.is_intact(known):
            self._streams[key] = known
            return known
        if known is not None:
            self._remove(known)
        while len(self._streams) >= self._most:
            self._remove(self._streams.pop(next(iter(self._streams))))
        label, workload = self.workload(text)
        check_room(label, size, Path(self._folder.name))
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        stream = write_stream(workload, label, size, folder, progress)
        self._watches[folder] = InputWatch.of(records_path(folder))
        self._streams[key] = stream
        return stream

    def is_intact(self, stream: Stream) -> bool:
        """Whether the file of `stream` is as it was written; who reads a mapped file that was cut short dies of it."""
        watch = self._watches.get(stream.folder)
        return watch is not None and watch.change() is None

    def fill_readings(self, stream: Stream) -> int:
        """How many readings fill the history of `stream`'s size."""
        key = (stream.digest, stream.size.retain)
        if key not in self._fills:
            self._fills[key] = readings_to_fill(stream)
        return self._fills[key]

    def _remove(self, stream: Stream) -> None:
        forget(stream)
        self._watches.pop(stream.folder, None)
        shutil.rmtree(stream.folder, ignore_errors=True)


def check_room(label: str, size: Size, folder: Path) -> None:
    """See that a stream of `size` can be had at all, before it is written into `folder`.

    Raises
    ------
    InputError
        If there are no ids for so many sensors, no memory for their table, or no room on the disk for the readings.
    """
    import psutil

    if size.sensors > _MOST_SENSORS or size.sensors * _SENSOR_BYTES > psutil.virtual_memory().total:
        raise InputError(f"{label} with {size.sensors:,} sensors: more than ids or memory are for; ask for fewer")
    needed, free = size.readings * RECORD_DTYPE.itemsize, shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{label} of {size.readings:,} readings takes {format_bytes(needed)} and {folder.parent} has "
            f"{format_bytes(free)}; ask for fewer, or set TMPDIR to a larger disk"
        )
