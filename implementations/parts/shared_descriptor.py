"""An open file that goes to spawned processes as itself: memory without a name, shared by its descriptor."""

import os
import weakref
from typing import Any


class SharedDescriptor:
    """A file descriptor that pickles while `multiprocessing` starts a process, and only then; closed with its owner."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._closing = weakref.finalize(self, os.close, descriptor)

    def __getstate__(self) -> Any:
        """The descriptor as something that the started process receives."""
        from multiprocessing.reduction import DupFd

        return DupFd(self._descriptor)

    def __setstate__(self, duplicate: Any) -> None:
        self.__init__(duplicate.detach())  # type: ignore[misc]

    def reopened(self) -> int:
        """A new descriptor of the same file with an open file description, and so locks, of its own."""
        return os.open(f"/proc/self/fd/{self._descriptor}", os.O_RDWR | os.O_CLOEXEC)

    def close(self) -> None:
        """Close it; more than once is harmless."""
        self._closing()
