"""Which CPUs a process runs on, where the system lets one say."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

_THREADS = Path("/proc/self/task")


def allowed_cpus() -> tuple[int, ...]:
    """CPUs this process may use, in order; empty where the system does not say."""
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


class Elsewhere:
    """While it lasts, this process keeps off `cpus`, on which is measured, if it may use others; a context manager.

    All of its threads do, such as that of a live display. Each goes back to where it was; one that began meanwhile
    goes where the calling thread goes.
    """

    def __init__(self, cpus: Sequence[int]) -> None:
        self._before = set(allowed_cpus())
        self._others = self._before - set(cpus)
        self._moved: dict[int, set[int]] = {}

    def __enter__(self) -> None:
        if not self._others:
            return
        for thread in _threads():
            with contextlib.suppress(ProcessLookupError):  # it has ended
                self._moved[thread] = os.sched_getaffinity(thread)
                os.sched_setaffinity(thread, self._moved[thread] & self._others or self._others)

    def __exit__(self, *_: object) -> None:
        if not self._others:
            return
        for thread in _threads():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(thread, self._moved.get(thread, self._before))
        self._moved.clear()


def _threads() -> list[int]:
    """The threads of this process, by the system's number; 0 is the calling one where it does not list them."""
    return [int(path.name) for path in _THREADS.iterdir()] if _THREADS.is_dir() else [0]
