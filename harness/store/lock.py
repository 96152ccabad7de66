"""One writer a folder: a lock that dies with its process and names its holder."""

import errno
import fcntl
import os
from pathlib import Path

from harness.errors import StoreError

_NAME = ".lock"


class FolderLock:
    """An exclusive ``flock`` on a file in `folder`, held until `release` or the end of the process.

    Raises
    ------
    StoreError
        If another store, in this process or another one, holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip() or "another process"
            os.close(self._descriptor)
            if error.errno in {errno.EAGAIN, errno.EACCES}:
                raise StoreError(
                    f"{folder}: a run is writing here (process {holder}); wait for its end or choose another folder"
                ) from error
            raise
        self._name_holder()

    def _name_holder(self) -> None:
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass  # a full disk: the lock holds all the same, only without its holder's name

    def release(self) -> None:
        """Give the lock back; more than once is harmless. The file stays: removing it would let two in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
