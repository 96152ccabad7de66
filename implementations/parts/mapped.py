"""Mapped: the ring of retained readings in a mapped file, so that it needs no anonymous memory."""

import mmap
import os
import tempfile

import numpy as np

from harness.errors import MeasurementError
from implementations.parts.protocols import Facts, Memory
from implementations.parts.ring import CompiledRing

_READING_BYTES = 16


class Mapped(CompiledRing):
    """A ring whose arrays lie in a file without a name.

    O(1) a reading; 16 bytes a retained reading of a file, none of anonymous memory: under pressure the system
    writes pages out instead of running short. The file lies in the temporary folder (``TMPDIR``), its room is taken
    at the start, so that a full disk is an error then and not a crash later, and it has no name, so that nothing
    stays behind however the process ends.

    Raises
    ------
    MeasurementError
        From `start`, if the temporary folder has no room for it.
    """

    def __init__(self) -> None:
        self._file_bytes = 0
        super().__init__()

    def _allocate(self, retain: int, memory: Memory) -> None:
        self._file_bytes = retain * _READING_BYTES
        if not retain:
            super()._allocate(0, memory)
            return
        try:
            with tempfile.TemporaryFile(prefix="sensorbench-history-") as file:
                os.posix_fallocate(file.fileno(), 0, self._file_bytes)
                mapping = mmap.mmap(file.fileno(), self._file_bytes)
        except OSError as error:
            raise MeasurementError(
                f"no room for a history of {self._file_bytes} bytes in {tempfile.gettempdir()} ({error.strerror}); "
                "free some, retain less or set TMPDIR to another folder"
            ) from error
        self._time = np.frombuffer(mapping, np.int64, retain)
        self._sensor_id = np.frombuffer(mapping, np.uint32, retain, 8 * retain)
        self._calibrated = np.frombuffer(mapping, np.float32, retain, 12 * retain)

    def facts(self) -> Facts:
        """How large the file is."""
        return {"history_file_bytes": self._file_bytes}
