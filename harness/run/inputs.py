"""The inputs of a run: each workload at each size written once, in a private folder that goes with the run."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.contract import Size, Workload
from harness.discovery import workload as find_workload
from harness.errors import UsageError
from harness.stream import Stream, readings_to_fill, write_stream

LADDER = ("tiny", "small", "medium", "large")
"""The standard sizes, smallest first: what a slow implementation steps down."""


class Inputs:
    """Streams by workload and size, made when first asked for; a context manager that removes them.

    The newest stays on disk; older ones go when `most` streams are kept, least recently used first.
    """

    def __init__(self, sensors_path: str | None = None, most: int = 4) -> None:
        self._sensors_path = sensors_path
        self._most = most
        self._workloads: dict[str, tuple[str, Workload]] = {}
        self._streams: dict[tuple[str, str], Stream] = {}
        self._fills: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="sensorbench-inputs-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
        try:
            return workload.size(chosen)
        except KeyError as error:
            raise UsageError(f"workload {label} has no size {chosen!r}; it has {', '.join(LADDER)}") from error

    def smaller(self, text: str, name: str) -> str | None:
        """The next smaller size to step down to, or None."""
        readings = self.size(text, name).readings
        fitting = [step for step in LADDER if self.size(text, step).readings < readings]
        return fitting[-1] if fitting else None

    def stream(self, text: str, size: Size, progress: Callable[[int], None] = lambda _: None) -> Stream:
        """The stream of a workload at a size, written if it is not there yet."""
        key = (text, size.name)
        if key in self._streams:
            self._streams[key] = self._streams.pop(key)
            return self._streams[key]
        while len(self._streams) >= self._most:
            _remove(self._streams.pop(next(iter(self._streams))))
        label, workload = self.workload(text)
        folder = Path(self._folder.name) / f"{len(self._fills)}-{len(self._streams)}-{abs(hash(key)):x}"
        stream = write_stream(workload, label, size, folder, progress)
        self._streams[key] = stream
        return stream

    def fill_readings(self, stream: Stream) -> int:
        """How many readings fill the history of `stream`'s size."""
        if stream.digest not in self._fills:
            self._fills[stream.digest] = readings_to_fill(stream)
        return self._fills[stream.digest]


def _remove(stream: Stream) -> None:
    for path in stream.folder.iterdir():
        path.unlink()
    stream.folder.rmdir()
